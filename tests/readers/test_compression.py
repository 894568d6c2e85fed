"""Every format in every compression, and every kind of damage to a compressed file."""

from __future__ import annotations

import lzma
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.readers.reading import COMPRESSED, SUFFIXES, compress, damage_of, read, read_until_damage, write

CONTENTS = {
    "jsonl": b'{"text":"one"}\n{"text":"zwei \xc3\xbc"}\n',
    "csv": b'text\none\n"zwei \xc3\xbc"\n',
    "tsv": b"id\ttext\n1\tone\n2\tzwei \xc3\xbc\n",
    "lines": b"one\nzwei \xc3\xbc\n",
    "text": b"one\nzwei \xc3\xbc\n",
}


@pytest.mark.parametrize("compression", SUFFIXES)
@pytest.mark.parametrize("format", CONTENTS)
def test_every_format_is_read_in_every_compression(tmp_path: Path, format: str, compression: str) -> None:
    suffix = "txt" if format == "lines" else {"text": "txt"}.get(format, format)
    name = f"a.{suffix}{SUFFIXES[compression]}"
    file = write(tmp_path, name, compress(CONTENTS[format], compression), format="lines" if format == "lines" else None)
    assert (file.format, file.compression) == (format, compression)
    expected = ["one\nzwei ü\n"] if format == "text" else ["one", "zwei ü"]
    assert read(file)["text"].to_pylist() == expected


def test_the_other_suffix_of_snappy_is_known(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt.sz", compress(b"a", "snappy")))["text"].to_pylist() == ["a"]


@pytest.mark.parametrize("compression", COMPRESSED)
def test_streams_in_a_row_are_one_content(tmp_path: Path, compression: str) -> None:
    packed = b"".join(compress(part, compression) for part in (b"a\nb", b"", b"c\n", b"d"))
    table = read(write(tmp_path, f"a.txt{SUFFIXES[compression]}", packed, format="lines"))
    assert table["text"].to_pylist() == ["a", "bc", "d"]
    assert table["position"].to_pylist() == [0, 2, 5]


def test_zeros_may_stand_between_and_behind_xz_streams(tmp_path: Path) -> None:
    packed = lzma.compress(b"a\n") + bytes(8) + lzma.compress(b"b\n") + bytes(70_000 // 4 * 4)
    assert read(write(tmp_path, "a.txt.xz", packed, format="lines"))["text"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize("compression", COMPRESSED)
def test_at_every_cut_all_whole_lines_before_it_are_read_and_then_it_is_damaged(
    tmp_path: Path, compression: str
) -> None:
    first, second = (b"".join(b"%d %d\n" % (n, n**5) for n in range(*bounds)) for bounds in ((0, 20), (20, 40)))
    streams = [compress(part, compression) for part in (first, second)]
    packed = b"".join(streams)
    expected = (first + second).decode().splitlines()
    for stop in range(len(packed)):
        file = write(tmp_path, f"a.txt{SUFFIXES[compression]}", packed[:stop], format="lines")
        table, damage = read_until_damage(file)
        texts = table["text"].to_pylist()
        assert texts == expected[: len(texts)]
        assert len(texts) >= (20 if stop >= len(streams[0]) else 0)
        if damage is None:  # between two streams, or two frames of snappy, nothing tells that there was more
            assert stop == len(streams[0]) or compression == "snappy"
            assert len(texts) in (0, 20)
        else:
            assert (first + second)[: damage.position].count(b"\n") == len(texts)


@pytest.mark.parametrize("compression", COMPRESSED)
def test_a_stream_that_is_cut_off_says_so(tmp_path: Path, compression: str) -> None:
    packed = compress(b"a\n" * 500, compression)
    file = write(tmp_path, f"a.txt{SUFFIXES[compression]}", packed[:-1], format="lines")
    _, damage = read_until_damage(file)
    assert damage is not None
    assert damage.detail == f"the {compression} stream ends before its end mark: the file is cut off"


@pytest.mark.parametrize("compression", COMPRESSED)
@pytest.mark.parametrize("content", [b"", b"no compressed stream at all"])
def test_what_is_not_compressed_is_damaged_from_its_start(tmp_path: Path, compression: str, content: bytes) -> None:
    damage = damage_of(write(tmp_path, f"a.txt{SUFFIXES[compression]}", content))
    assert damage.position == 0
    assert compression in damage.detail


@pytest.mark.parametrize("compression", COMPRESSED)
def test_rubbish_behind_a_good_stream_is_damaged_after_it(tmp_path: Path, compression: str) -> None:
    packed = compress(b"a\nb\n", compression) + b"no stream"
    table, damage = read_until_damage(write(tmp_path, f"a.txt{SUFFIXES[compression]}", packed, format="lines"))
    assert table["text"].to_pylist() == ["a", "b"]
    assert damage is not None
    assert damage.position == 4


@pytest.mark.parametrize("compression", ["bz2", "xz", "snappy"])
@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_changed_bit_never_changes_a_line_without_damage(
    tmp_path_factory: pytest.TempPathFactory, compression: str, place: int, bit: int
) -> None:
    content = b"".join(b"%d\n" % n**7 for n in range(200))
    packed = bytearray(compress(content, compression))
    packed[place % len(packed)] ^= 1 << bit
    file = write(tmp_path_factory.getbasetemp(), f"bit.txt{SUFFIXES[compression]}", bytes(packed), format="lines")
    table, damage = read_until_damage(file)
    if damage is None:
        assert table["text"].to_pylist() == content.decode().splitlines()


def test_a_long_content_arrives_whole(tmp_path: Path) -> None:
    content = b"".join(b"%d\n" % n**9 for n in range(30_000))
    for compression in COMPRESSED:
        table = read(write(tmp_path, f"a.txt{SUFFIXES[compression]}", compress(content, compression), format="lines"))
        assert pa.compute.binary_length(table["text"]).to_numpy().sum() + 30_000 == len(content)
        assert table.num_rows == 30_000
