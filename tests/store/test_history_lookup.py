"""Lookups find what a plain dict finds, and read no more than they must."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.errors import StoreError
from curator.store import history_files
from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_files import write_segment
from curator.store.history_lookup import BAND_ROWS, find_bands, find_hashes, names, part_of, sketches
from curator.store.history_parts import CONTENT, Night, Segment
from tests.store.nights import SETTINGS, Kept, document_of, keys_of, publish_nights, sketch_of

KEYS = [
    0,
    1,
    5,
    (1 << 61) + 3,
    1 << 62,
    (1 << 63) - 1,
    1 << 63,
    (3 << 62) + 1,
    (7 << 61) + 9,
    (1 << 64) - 2,
    (1 << 64) - 1,
]
key = st.sampled_from(KEYS)


@st.composite
def night(draw: st.DrawFn) -> Kept:
    entries = draw(st.integers(0, 6))
    bands = draw(st.lists(st.tuples(key, st.integers(0, entries - 1)), max_size=12, unique=True)) if entries else []
    content = draw(st.lists(st.tuples(key, st.sampled_from([0, 7, (1 << 64) - 1]), st.integers(0, 99)), max_size=6))
    return Kept(entries, bands, content)


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups of four bands, so that files of the tests have several."""
    monkeypatch.setattr(history_files, "ROW_GROUP_BYTES", 64)


def bands_of(nights: list[Kept]) -> list[tuple[int, int]]:
    """All (key, entry) of nights, entries numbered through."""
    first = np.cumsum([0, *(kept.entries for kept in nights)]).tolist()
    return sorted((key, first[number] + entry) for number, kept in enumerate(nights) for key, entry in kept.bands)


def hashes_of(nights: list[Kept]) -> dict[tuple[int, int], tuple[int, int]]:
    """The first (night, doc_id) of each hash."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for number, kept in enumerate(nights):
        for high, low, document in sorted(kept.content):
            found.setdefault((high, low), (number, document))
    return found


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(night(), max_size=20), st.data())
def test_lookups_equal_a_plain_dict_over_any_nights_and_merges(
    small_groups: None, nights: list[Kept], data: st.DataObject
) -> None:
    with TemporaryDirectory() as base:
        index = publish_nights(Path(base), nights)
        until = data.draw(st.integers(0, len(nights)))
        history = History.open(index).before(f"{base}/out-{until}", SETTINGS)
        wanted = data.draw(st.lists(key, unique=True))
        found = zip(*(column.tolist() for column in find_bands(history, keys_of(*sorted(wanted)))), strict=True)
        assert list(found) == [(key, entry) for key, entry in bands_of(nights[:until]) if key in wanted]
        asked = data.draw(st.lists(st.tuples(key, st.sampled_from([0, 7, 8, (1 << 64) - 1])), max_size=12))
        held = hashes_of(nights[:until])
        high, low = (keys_of(*(pair[place] for pair in asked)) for place in (0, 1))
        answers = zip(*(column.tolist() for column in find_hashes(history, CONTENT, high, low)), strict=True)
        assert list(answers) == [(row, *held[pair]) for row, pair in enumerate(asked) if pair in held]


def test_twenty_nights_lie_in_few_segments(small_groups: None, tmp_path: Path) -> None:
    index = publish_nights(tmp_path, [Kept(1, [(number, 0)]) for number in range(20)])
    spans = [(segment.first_night, segment.last_night) for segment in History.open(index).segments["bands"]]
    assert spans == [(0, 7), (8, 15), (16, 16), (17, 17), (18, 18), (19, 19)]
    assert sorted((index / "bands").folders()) == [segment.name for segment in History.open(index).segments["bands"]]


def test_entries_give_back_their_documents_and_sketches(small_groups: None, tmp_path: Path) -> None:
    history = History.open(publish_nights(tmp_path, [Kept(5), Kept(0), Kept(3), Kept(0)])).before("new", SETTINGS)
    entries = keys_of(7, 0, 4, 5, 7)
    nights, documents = names(history, entries)
    assert nights.tolist() == [2, 0, 0, 2, 2]
    assert documents.tolist() == [document_of(2, 2), 0, 4, document_of(2, 0), document_of(2, 2)]
    assert sketches(history, entries).tolist() == [sketch_of(entry) for entry in entries.tolist()]
    assert sketches(history, keys_of()).shape == (0, 8)
    assert part_of(history, keys_of(0, 4, 5, 7)).tolist() == [0, 0, 2 << 32, 2 << 32]


def test_an_entry_without_keeper_is_damage(tmp_path: Path) -> None:
    index = publish_nights(tmp_path, [Kept(2)])
    with pytest.raises(StoreError, match="lacks keepers"):
        names(History.open(index), keys_of(1, 2))


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    history = History.open(Folder(str(tmp_path))).before("new", SETTINGS)
    assert [len(column) for column in find_bands(history, keys_of(*KEYS))] == [0, 0]
    assert [len(column) for column in find_hashes(history, CONTENT, keys_of(1), keys_of(2))] == [0, 0, 0]


def test_only_the_pieces_that_the_keys_fall_into_are_opened(tmp_path: Path) -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 64, 4000, dtype=np.uint64)
    history = history_with(tmp_path, keys, bits=4)
    piece = 11
    for path in (tmp_path / "bands/s").iterdir():
        if path.name != f"{piece:05d}.parquet":
            path.write_bytes(b"garbage")
    inside = np.unique(keys[keys >> np.uint64(60) == piece])
    assert find_bands(history, inside)[0].tolist() == inside.tolist()
    with pytest.raises(StoreError, match=r"cannot read .*bands/s/.*damaged"):
        find_bands(history, np.unique(keys))


def test_only_row_groups_whose_range_holds_a_key_are_read(small_groups: None, tmp_path: Path) -> None:
    """Everything between the two row groups that are needed and the footer is overwritten."""
    history = history_with(tmp_path, np.arange(0, 4000, 10, dtype=np.uint64), bits=0)
    path = tmp_path / "bands/s/00000.parquet"
    data = bytearray(path.read_bytes())
    kept = [column_bytes(path, group) for group in (25, 75)]
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    for place in range(4, footer):
        if not any(start <= place < stop for start, stop in kept):
            data[place] = 0xFF
    path.write_bytes(data)
    found = find_bands(history, keys_of(999, 1000, 1015, 1030, 3020))
    assert [column.tolist() for column in found] == [[1000, 1030, 3020], [100, 103, 302]]
    with pytest.raises(StoreError, match="damaged"):
        find_bands(history, keys_of(2000))


def test_the_second_column_of_a_row_group_without_a_hit_is_not_read(small_groups: None, tmp_path: Path) -> None:
    history = history_with(tmp_path, np.arange(0, 400, 10, dtype=np.uint64), bits=0)
    path = tmp_path / "bands/s/00000.parquet"
    data = bytearray(path.read_bytes())
    start, stop = column_bytes(path, 3, columns=(1,))
    data[start:stop] = b"\xff" * (stop - start)
    path.write_bytes(data)
    assert find_bands(history, keys_of(125, 200))[0].tolist() == [200]
    with pytest.raises(StoreError, match="damaged"):
        find_bands(history, keys_of(120))


def test_a_key_that_goes_on_through_row_groups_is_found_whole(small_groups: None, tmp_path: Path) -> None:
    keys = np.array([1] * 3 + [2] * 10 + [3] * 3, np.uint64)
    history = history_with(tmp_path, keys, bits=0)
    assert find_bands(history, keys_of(2))[1].tolist() == list(range(3, 13))


def history_with(folder: Path, keys: np.ndarray, bits: int) -> History:
    """An index of one segment `s` in which row r has entry r."""
    rows = pa.table([pa.array(keys), np.arange(len(keys), dtype=np.uint64)], schema=BAND_ROWS)
    written = write_segment(Folder(str(folder)), "bands", "s", rows, bits)
    counts = tuple(written.get(piece, 0) for piece in range(1 << bits))
    segment = Segment(name="s", first_night=0, last_night=0, rows=counts)
    night = Night(number=0, output="out", digest="d", first_entry=0, entries=len(keys))
    return History(folder=Folder(str(folder)), nights=(night,), segments={"bands": (segment,)})


def column_bytes(path: Path, group: int, columns: tuple[int, ...] = (0, 1)) -> tuple[int, int]:
    """From where to where these columns of a row group lie in the file."""
    found = [pq.ParquetFile(path).metadata.row_group(group).column(column) for column in columns]
    return found[0].data_page_offset, found[-1].data_page_offset + found[-1].total_compressed_size
