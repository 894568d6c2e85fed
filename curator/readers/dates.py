"""Dates as they stand in the data (ISO 8601 texts, numbers, Arrow's own types) as seconds since 1970, column by column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.readers.nested import is_string

ISO_8601 = (
    r"^\s*(?P<date>\d{4}-?(?:0[1-9]|1[0-2])-?(?P<day>0[1-9]|[12]\d|3[01]))"
    r"(?:[Tt ]?(?P<hours>[01]\d|2[0-4]):?(?P<minutes>[0-5]\d)(?::?(?P<seconds>[0-5]\d|60)(?:[.,]\d+)?)?"
    r"\s?(?:[Zz]|UTC|(?P<sign>[+-])(?P<zone_hours>\d{2})(?::?(?P<zone_minutes>\d{2}))?)?)?\s*$"
)
NUMBER = r"^\s*-?\d{9,}(?:\.\d*)?\s*$"  # 8 digits are a day
LARGEST = 1e11  # seconds: the year 5138. What is larger counts thousandths, millionths or billionths of seconds
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def seconds_of_values(values: Sequence[object]) -> pa.Array:
    """int64 seconds since 1970 of dates as JSON or a header has them: texts and numbers; null for anything else."""
    texts = pa.array([value if type(value) is str else None for value in values], pa.large_string())
    numbers = pa.array([float(value) if type(value) in (int, float) else None for value in values], pa.float64())  # type: ignore[arg-type]
    return pc.coalesce(seconds(texts), seconds(numbers))


def seconds(dates: pa.Array) -> pa.Array:
    """int64 seconds since 1970 (UTC, rounded down) of a column; null where there is no date or none that can be read.

    Texts are ISO 8601 (a day; a day and a time with `Z`, an offset or neither, which is UTC; with or without separators) or
    numbers. Numbers count seconds; above 1e11 they count milliseconds, and so on to nanoseconds.
    """
    if pa.types.is_dictionary(dates.type):
        dates = dates.dictionary_decode()
    if is_string(dates.type):
        return _of_texts(dates)
    if pa.types.is_timestamp(dates.type):
        return _floor_divided(dates.cast(pa.int64()), PER_SECOND[dates.type.unit])
    if pa.types.is_date(dates.type):
        return dates.cast(pa.timestamp("s")).cast(pa.int64())
    if pa.types.is_integer(dates.type) or pa.types.is_floating(dates.type) or pa.types.is_decimal(dates.type):
        return _of_numbers(dates.cast(pa.float64(), safe=False))
    return pa.nulls(len(dates), pa.int64())


def _of_texts(texts: pa.Array) -> pa.Array:
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), pa.int64())
    texts = texts.cast(pa.large_string())
    number = pc.if_else(pc.match_substring_regex(texts, NUMBER), pc.utf8_trim_whitespace(texts), None)
    parts = pc.extract_regex(texts, ISO_8601)
    date = pc.replace_substring(pc.struct_field(parts, "date"), "-", "")
    day = pc.strptime(date, format="%Y%m%d", unit="s", error_is_null=True)
    exists = pc.equal(pc.day(day), pc.struct_field(parts, "day").cast(pa.int64()))  # 30 February is read as 1 March
    found = pc.add(pc.if_else(exists, day, None).cast(pa.int64()), pc.subtract(_time(parts), _offset(parts)))
    return pc.coalesce(found, _of_numbers(number.cast(pa.float64())))


def _time(parts: pa.StructArray) -> pa.Array:
    """Seconds since midnight."""
    minutes = pc.add(pc.multiply(_number(parts, "hours"), 60), _number(parts, "minutes"))
    return pc.add(pc.multiply(minutes, 60), _number(parts, "seconds"))


def _offset(parts: pa.StructArray) -> pa.Array:
    """Seconds by which the clock is before UTC."""
    minutes = pc.add(pc.multiply(_number(parts, "zone_hours"), 60), _number(parts, "zone_minutes"))
    sign = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), -60, 60)
    return pc.multiply(minutes, sign)


def _number(parts: pa.StructArray, name: str) -> pa.Array:
    """A part as int64, 0 where it was left out."""
    digits = pc.struct_field(parts, name)
    return pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int64())


def _of_numbers(numbers: pa.Array) -> pa.Array:
    for _ in range(3):
        numbers = pc.if_else(pc.greater(pc.abs(numbers), LARGEST), pc.divide(numbers, 1000.0), numbers)
    is_date = pc.and_(pc.is_finite(numbers), pc.less_equal(pc.abs(numbers), LARGEST))
    return pc.floor(pc.if_else(is_date, numbers, None)).cast(pa.int64())


def _floor_divided(values: pa.Array, by: int) -> pa.Array:
    return pa.array(pc.fill_null(values, 0).to_numpy() // by, mask=np.asarray(values.is_null()))
