"""Columns of a table by name or by a dotted path into structs, as `holder` finds them in objects."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def find_column(schema: pa.Schema | pa.StructType, field: str) -> list[pa.Field] | None:
    """The fields that lead to `field`, outermost first; a column with the dots in its name wins. None where there is none."""
    names = [schema.field(place).name for place in range(_width(schema))]
    if names.count(field) >= 1:
        return [schema.field(names.index(field))]
    head, dot, rest = field.partition(".")
    if not dot or head not in names or not pa.types.is_struct(schema.field(names.index(head)).type):
        return None
    outer = schema.field(names.index(head))
    inner = find_column(outer.type, rest)
    return [outer, *inner] if inner else None


def column_of(table: pa.Table, field: str) -> pa.ChunkedArray | None:
    """The column that `field` leads to; null where a struct on the way is null."""
    path = find_column(table.schema, field)
    if path is None:
        return None
    column = table[path[0].name]
    for step in path[1:]:
        column = pc.struct_field(column, step.name)
    return column


def without(table: pa.Table, field: str) -> pa.Table:
    """The table less the column that `field` leads to; the structs around it stay."""
    path = find_column(table.schema, field)
    if path is None:
        return table
    place = table.schema.get_field_index(path[0].name)
    if len(path) == 1:
        return table.remove_column(place)
    chunks = [_pruned(chunk, [step.name for step in path[1:]]) for chunk in table.column(place).chunks]
    return table.set_column(place, path[0].name, pa.chunked_array(chunks))


def _pruned(array: pa.StructArray, path: list[str]) -> pa.StructArray:
    fields, children = [], []
    for child, field in zip(array.flatten(), array.type.fields, strict=True):
        if field.name == path[0]:
            if len(path) == 1:
                continue
            child = _pruned(child, path[1:])
        fields.append(pa.field(field.name, child.type))
        children.append(child)
    if not children:
        return pa.array([None if is_null else {} for is_null in array.is_null().to_pylist()], pa.struct([]))
    return pa.StructArray.from_arrays(children, fields=fields, mask=array.is_null())


def is_string(type: pa.DataType) -> bool:
    value = type.value_type if pa.types.is_dictionary(type) else type
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value))


def holds_binary(type: pa.DataType) -> bool:
    """Whether there are bytes anywhere inside the type, which JSON cannot hold."""
    if pa.types.is_nested(type):
        return any(holds_binary(type.field(place).type) for place in range(type.num_fields))
    return "binary" in str(type)


def _width(schema: pa.Schema | pa.StructType) -> int:
    return int(schema.num_fields if isinstance(schema, pa.DataType) else len(schema))
