"""The medium of a record, such as the picture that its text is the caption of: bytes, an address, or both."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from curator.readers.nested import column_of, is_string

MEDIUM = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
"""As Hugging Face stores pictures, sounds and videos: the content, or where it is to be had."""


def medium_column(table: pa.Table, field: str | None) -> pa.Array:
    """MEDIUM of each row (n,) from a column of addresses, of bytes, or of both; null where there is neither."""
    column = None if field is None else column_of(table, field)
    if column is None:
        return pa.nulls(table.num_rows, MEDIUM)
    content, path = (_filled(part).cast(kind.type) for part, kind in zip(_parts(column), MEDIUM, strict=True))
    return pa.StructArray.from_arrays(
        [content, path], fields=list(MEDIUM), mask=pc.and_(pc.is_null(content), pc.is_null(path))
    )


def medium_bytes(medium: pa.Array | pa.ChunkedArray) -> pa.Array:
    """How many bytes each medium (n,) holds, int64; 0 where there is none, or only its address."""
    return pc.fill_null(pc.binary_length(pc.struct_field(medium, "bytes")), 0).cast(pa.int64())


def problem_of_medium(type: pa.DataType) -> str | None:
    """Why a column of this type cannot hold media; null where it can."""
    if (
        is_string(type)
        or _is_binary(type)
        or (pa.types.is_struct(type) and {"bytes", "path"} <= {one.name for one in type})
    ):
        return None
    return f"{type}, and not addresses, bytes, or structs of bytes and path"


def _parts(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Bytes and addresses, each null where a column does not have them."""
    values = column.combine_chunks()
    if pa.types.is_struct(values.type):
        return pc.struct_field(values, "bytes"), pc.struct_field(values, "path")
    nothing = {field.name: pa.nulls(len(values), field.type) for field in MEDIUM}
    return (values, nothing["path"]) if _is_binary(values.type) else (nothing["bytes"], values.cast(pa.string()))


def _filled(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.binary_length(values), 0), None, values)


def _is_binary(type: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type) or pa.types.is_large_binary(type))
