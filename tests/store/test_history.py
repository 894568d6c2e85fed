"""The index knows what a run is checked against, and refuses what would make it untrue."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from curator.errors import ConfigError, StoreError
from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_parts import Night, Segment, output_name

SETTINGS = {"near.rows": 6, "near.seed": 1}


def night(number: int) -> Night:
    return Night(number=number, output=f"/out-{number}", digest=f"d{number}", first_entry=10 * number, entries=10)


def segment(first: int, last: int | None = None, digest: str = "") -> Segment:
    last = first if last is None else last
    return Segment(name=f"{first}-{last}{digest}", first_night=first, last_night=last, rows=(1, 2))


def history_of(nights: int) -> History:
    history = History(folder=Folder("/index"), settings=SETTINGS)
    for number in range(nights):
        history = history.with_night(night(number), {"bands": segment(number)}, {})
    return history


def test_a_folder_without_an_index_has_no_nights(tmp_path: Path) -> None:
    history = History.open(Folder(str(tmp_path)))
    assert (history.nights, history.entries) == ((), 0)
    assert history.before("/out", SETTINGS).settings == SETTINGS


def test_what_was_put_is_what_is_opened(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    history = history_of(3)
    folder.put("nights.json", history.to_json())
    opened = History.open(folder)
    assert (opened.nights, opened.segments, opened.settings) == (history.nights, history.segments, SETTINGS)
    assert opened.state == history.state
    assert opened.entries == 30
    assert pickle.loads(pickle.dumps(opened)).nights == opened.nights


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 1}', b'{"format": 1, "nights": [{}]}'])
def test_a_damaged_index_is_one_clear_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "nights.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"nights\.json is damaged .*bring back an earlier version"):
        History.open(Folder(str(tmp_path)))


def test_a_format_of_the_future_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nights.json").write_bytes(b'{"format": 2}')
    with pytest.raises(StoreError, match="has format 2, this version reads 1"):
        History.open(Folder(str(tmp_path)))


def test_a_new_output_is_checked_against_all_nights() -> None:
    history = history_of(3)
    assert history.before("/out-3", SETTINGS).nights == history.nights


def test_a_published_output_is_checked_against_the_nights_before_it_and_never_meets_itself() -> None:
    before = history_of(4).before("/out-2", SETTINGS)
    assert [night.number for night in before.nights] == [0, 1]
    assert before.segments["bands"] == (segment(0), segment(1))
    assert (before.entries, before.state) == (20, history_of(2).state)


def test_the_state_tells_nights_and_not_how_they_lie_in_files() -> None:
    plain = history_of(9)
    merged = history_of(8).with_night(night(8), {"bands": segment(8)}, {"bands": segment(0, 7)})
    assert plain.state == merged.state
    assert len({history_of(count).state for count in range(9)}) == 9


def test_other_settings_are_refused_with_both_values() -> None:
    with pytest.raises(ConfigError, match=r"near\.rows 6 \(now 8\)") as refused:
        history_of(1).before("/out", {**SETTINGS, "near.rows": 8})
    assert "near.seed" not in str(refused.value)
    assert history_of(0).before("/out", {"near.rows": 8}).settings == {"near.rows": 8}


def test_only_the_last_night_may_be_published_again_with_other_results() -> None:
    history = history_of(3)
    history.check_output("/out-2", "other")
    history.check_output("/out-1", "d1")
    history.check_output("/new", "other")
    with pytest.raises(ConfigError, match="/out-1 is night 1 of the history /index and 1 later nights were checked"):
        history.check_output("/out-1", "other")


def test_a_merged_segment_stands_for_those_of_its_nights_which_are_retired() -> None:
    history = history_of(9).with_night(night(9), {"bands": segment(9)}, {"bands": segment(0, 7)})
    assert history.segments["bands"] == (segment(0, 7), segment(8), segment(9))
    assert history.retired == tuple(f"bands/{number}-{number}" for number in range(8))


def test_a_night_published_again_takes_its_own_place() -> None:
    again = Night(number=1, output="/out-1", digest="other", first_entry=10, entries=3)
    history = history_of(2).with_night(again, {"bands": segment(1, digest="x")}, {})
    assert history.nights == (night(0), again)
    assert history.segments["bands"] == (segment(0), segment(1, digest="x"))
    assert history.retired == ("bands/1-1", "keepers/00001-d1")


def test_a_merge_that_came_too_late_is_left_out() -> None:
    """A run of the last night, published again long after: its nights are part of a larger segment by now."""
    whole = history_of(9).with_night(night(9), {"bands": segment(9)}, {"bands": segment(0, 8)})
    late = whole.with_night(night(9), {"bands": segment(9)}, {"bands": segment(1, 8)})
    assert late.segments["bands"] == (segment(0, 8), segment(9))


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://key:secret@bucket/out/?endpoint_override=x&scheme=http", "s3://bucket/out"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("/data/out/", "/data/out"),
    ],
)
def test_an_output_is_named_without_credentials_and_options(uri: str, name: str) -> None:
    assert output_name(uri) == name
