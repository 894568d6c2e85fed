"""Dates of all formats become seconds since 1970."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.readers.dates import seconds, seconds_of_values
from curator.readers.records import ReadOptions
from tests.readers.reading import OPTIONS, read, write

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2020, 2, 28, 10, 11, 12, tzinfo=UTC)
AT = int(MOMENT.timestamp())
DAY = int(datetime.datetime(2020, 2, 28, tzinfo=UTC).timestamp())
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>page"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-02-28", DAY),
        ("20200228", DAY),
        (" 2020-02-28T10:11:12Z\n", AT),
        ("2020-02-28t10:11:12z", AT),
        ("2020-02-28 10:11:12", AT),
        ("2020-02-28 10:11:12 UTC", AT),
        ("2020-02-28T10:11:12.999999Z", AT),
        ("2020-02-28T10:11:12,5+00:00", AT),
        ("2020-02-28T12:11:12+02:00", AT),
        ("2020-02-28T04:41:12-0530", AT),
        ("2020-02-28T11:11:12+01", AT),
        ("2020-02-28T10:11", AT - 12),
        ("20200228101112", AT),
        ("20200228T101112Z", AT),
        ("2020-02-29", DAY + 86_400),
        ("1969-12-31T23:59:59.9Z", -1),
        (str(AT), AT),
        (f"{AT}.7", AT),
        (f"{AT}000", AT),
    ],
)
def test_a_text_that_is_a_date_in_one_of_many_ways(text: str, expected: int) -> None:
    assert seconds_of_values([text]).to_pylist() == [expected]


@pytest.mark.parametrize(
    "value",
    ["", " ", "yesterday", "2021-02-29", "2020-13-01", "2020-02-28T25:00:00Z", "2020-02-28 or so", "28.02.2020", "2020",
     "\u0662\u0660\u0662\u0660-02-28", "9" * 400, True, None, {}, [], float("nan"), float("inf"), 1e300],
)  # fmt: skip
def test_what_is_no_date_has_none(value: object) -> None:
    assert seconds_of_values([value]).to_pylist() == [None]


@pytest.mark.parametrize("factor", [1, 1_000, 1_000_000, 1_000_000_000])
def test_large_numbers_count_parts_of_a_second(factor: int) -> None:
    assert seconds_of_values([AT * factor, float(AT * factor)]).to_pylist() == [AT, AT]


def test_numbers_before_1970_are_dates_too() -> None:
    assert seconds_of_values([-5, -0.5]).to_pylist() == [-5, -1]


@given(st.datetimes(timezones=st.sampled_from([UTC, datetime.timezone(datetime.timedelta(hours=-9, minutes=-30))])))
def test_every_moment_is_read_as_python_wrote_it(moment: datetime.datetime) -> None:
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=UTC)
    assert seconds_of_values([moment.isoformat()]).to_pylist() == [since // datetime.timedelta(seconds=1)]


@given(st.lists(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?[Z+-]?\d*") | st.none()))
def test_no_text_is_too_strange(texts: list[str | None]) -> None:
    assert len(seconds(pa.array(texts, pa.string()))) == len(texts)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([MOMENT, None], pa.timestamp("us", tz="America/New_York")), AT),
        (pa.array([MOMENT.replace(tzinfo=None), None], pa.timestamp("ns")), AT),
        (pa.array([MOMENT.replace(tzinfo=None), None], pa.timestamp("s")), AT),
        (pa.array([MOMENT.date(), None], pa.date32()), DAY),
        (pa.array([MOMENT.date(), None], pa.date64()), DAY),
        (pa.array([AT, None], pa.int32()), AT),
        (pa.array([AT * 1000, None], pa.uint64()), AT),
        (pa.array([AT + 0.5, None], pa.float64()), AT),
        (pa.array([Decimal(AT), None], pa.decimal128(20, 2)), AT),
        (pa.array(["2020-02-28", None], pa.string_view()), DAY),
        (pa.array(["2020-02-28", None]).dictionary_encode(), DAY),
        (pa.array([[1], None]), None),
        (pa.array([True, None]), None),
    ],
)
def test_every_type_of_column_that_can_hold_dates(column: pa.Array, expected: int | None) -> None:
    assert seconds(column).to_pylist() == [expected, None]
    assert seconds(column.slice(1)).to_pylist() == [None]
    assert seconds(column.slice(0, 0)).to_pylist() == []


def test_a_moment_before_1970_is_rounded_down_whatever_its_type() -> None:
    assert seconds(pa.array([-1], pa.timestamp("ms"))).to_pylist() == [-1]


def test_jsonl_texts_and_numbers(tmp_path: Path) -> None:
    records = [{"text": "a", "date": "2020-02-28"}, {"text": "b", "date": AT}, {"text": "c"}, {"text": "d", "date": {}}]
    table = read(write(tmp_path, "a.jsonl", b"".join(orjson.dumps(record) + b"\n" for record in records)))
    assert table["date"].to_pylist() == [DAY, AT, None, None]
    assert table["metadata"].to_pylist()[0] == '{"date":"2020-02-28"}'


def test_a_dotted_name_leads_to_the_date(tmp_path: Path) -> None:
    options = ReadOptions(max_document_bytes=1_000, date_field="meta.at")
    record = {"text": "a", "meta": {"at": "2020-02-28"}}
    assert read(write(tmp_path, "a.jsonl", orjson.dumps(record)), options)["date"].to_pylist() == [DAY]
    pq.write_table(pa.Table.from_pylist([record, {"text": "b", "meta": None}]), tmp_path / "x")
    table = read(write(tmp_path, "a.parquet", (tmp_path / "x").read_bytes()), options)
    assert table["date"].to_pylist() == [DAY, None]
    assert table["metadata"].to_pylist()[0] == '{"meta":{"at":"2020-02-28"}}'


def test_csv_texts(tmp_path: Path) -> None:
    table = read(write(tmp_path, "a.csv", f"text,date\na,2020-02-28\nb,{AT}\nc,\n".encode()))
    assert table["date"].to_pylist() == [DAY, AT, None]


@pytest.mark.parametrize("column", [pa.array([MOMENT]), pa.array(["2020-02-28T10:11:12Z"]), pa.array([AT])])
def test_parquet_and_arrow_columns(tmp_path: Path, column: pa.Array) -> None:
    rows = pa.table({"text": ["a"], "date": column})
    pq.write_table(rows, tmp_path / "x")
    assert read(write(tmp_path, "a.parquet", (tmp_path / "x").read_bytes()))["date"].to_pylist() == [AT]
    with pa.OSFile(str(tmp_path / "x"), "wb") as file, pa.ipc.new_stream(file, rows.schema) as stream:
        stream.write_table(rows)
    assert read(write(tmp_path, "a.arrow", (tmp_path / "x").read_bytes()))["date"].to_pylist() == [AT]


def test_a_date_column_that_is_not_utf_8_has_no_dates(tmp_path: Path) -> None:
    broken = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\0\0\0\0\n\0\0\0\x0b\0\0\0"), pa.py_buffer(b"2020-02-28\xff")
    )
    pq.write_table(pa.table({"text": ["a", "b"], "date": broken}), tmp_path / "x")
    assert read(write(tmp_path, "a.parquet", (tmp_path / "x").read_bytes()))["date"].to_pylist() == [DAY, None]


@pytest.mark.parametrize(("suffix", "type", "content"), [("warc", b"response", HTTP), ("wet", b"conversion", b"text")])
def test_web_archives_have_the_date_of_the_record(tmp_path: Path, suffix: str, type: bytes, content: bytes) -> None:
    header = (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2020-02-28T10:11:12Z\r\nContent-Type: application/http\r\n" % type
    )
    record = header + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(content), content)
    undated = record.replace(b"WARC-Date: 2020-02-28T10:11:12Z\r\n", b"")
    table = read(write(tmp_path, f"a.{suffix}", record + undated, format=suffix))
    assert table["date"].to_pylist() == [AT, None]


@pytest.mark.parametrize(("date", "expected"), [("20200228101112", AT), ("20200228101112345", AT), ("null", None)])
def test_arc_records_have_a_date_of_digits(tmp_path: Path, date: str, expected: int | None) -> None:
    record = b"http://a/ 1.2.3.4 %s text/html %d\n%s\n" % (date.encode(), len(HTTP), HTTP)
    assert read(write(tmp_path, "a.arc", record))["date"].to_pylist() == [expected]


def test_plain_texts_have_no_date(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", b"text"), OPTIONS)["date"].to_pylist() == [None]
    assert read(write(tmp_path, "b.txt", b"text\n", format="lines"), OPTIONS)["date"].to_pylist() == [None]
