"""A night becomes part of the index at once or not at all, once, whoever is killed and whoever comes between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from curator.errors import ConfigError, LockedError, StoreError
from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_lookup import find_bands, find_hashes, names, sketches
from curator.store.history_parts import CONTENT
from curator.store.history_publish import Draft, publish_night
from curator.store.lock import OutputLock
from tests.store.nights import SETTINGS, Kept, keys_of, night_step, output_of, publish_nights, sketch_of

NIGHTS = [Kept(2, [(number, 0), (1 << 63, 1)], [(number, 7, number)]) for number in range(10)]


class Killed(BaseException):
    """Stands for the end of the process."""


def files(folder: Folder) -> dict[str, bytes]:
    """All files of an index by name, less its lock."""
    base = Path(folder.uri)
    return {str(path.relative_to(base)): path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


def contents(index: Folder) -> list[object]:
    """All that can be found in an index."""
    history = History.open(index)
    keys = keys_of(*range(10), 1 << 63)
    key, entry = find_bands(history, keys)
    low = keys_of(*[7] * len(keys))
    hashes = [column.tolist() for column in find_hashes(history, CONTENT, keys, low)] if history.nights else []
    behind = [column.tolist() for column in (*names(history, entry), sketches(history, entry))] if len(entry) else []
    return [key.tolist(), entry.tolist(), hashes, behind, history.state]


@pytest.fixture
def eight(tmp_path: Path) -> Folder:
    """An index of eight nights: with the ninth they are merged."""
    return publish_nights(tmp_path, NIGHTS[:8])


def test_a_published_night_is_found(tmp_path: Path) -> None:
    index = publish_nights(tmp_path, NIGHTS[:3])
    assert contents(index)[:2] == [[0, 1, 2, *[1 << 63] * 3], [0, 2, 4, 1, 3, 5]]
    assert History.open(index).nights[1].output == output_of(tmp_path, 1)
    assert sketches(History.open(index), keys_of(5)).tolist() == [sketch_of(5)]


def test_publishing_twice_changes_nothing(eight: Folder, tmp_path: Path) -> None:
    step = night_step(eight, tmp_path, 8, NIGHTS[8])
    publish_night(eight, step, output_of(tmp_path, 8))
    before = files(eight)
    publish_night(eight, step, output_of(tmp_path, 8))
    assert files(eight) == before


def test_merging_changes_nothing_that_is_found(eight: Folder, tmp_path: Path) -> None:
    before = contents(eight)
    publish_night(eight, night_step(eight, tmp_path, 8, Kept(0)), output_of(tmp_path, 8))
    assert len(History.open(eight).segments["bands"]) == 2
    assert contents(eight)[:-1] == before[:-1]


def test_a_kill_at_any_put_leaves_the_old_index_and_the_next_try_ends_it(
    eight: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every put and every copy ends in a rename, and the rename of `nights.json` is the last one."""
    step = night_step(eight, tmp_path, 8, NIGHTS[8])
    old, new = contents(eight), contents(publish_nights(tmp_path / "other", NIGHTS[:9]))
    kills = 0
    while renames_until_killed(monkeypatch, kills, lambda: publish_night(eight, step, output_of(tmp_path, 8))):
        assert contents(eight) == old
        kills += 1
    assert kills == len(Draft.load(step).files()) + 1
    assert contents(eight) == new


def renames_until_killed(monkeypatch: pytest.MonkeyPatch, allowed: int, act: Callable[[], None]) -> bool:
    """Whether `act` was killed because it would rename more files than allowed."""
    rename, done = os.replace, count()

    def counted(source: str, target: str) -> None:
        if next(done) >= allowed:
            raise Killed
        rename(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", counted)
        try:
            act()
        except Killed:
            return True
    return False


def test_what_a_killed_run_has_not_deleted_goes_with_the_next_try(eight: Folder, tmp_path: Path) -> None:
    segments = Path(eight.uri) / "bands"
    shutil.copytree(segments, tmp_path / "saved")
    step = night_step(eight, tmp_path, 8, NIGHTS[8])
    publish_night(eight, step, output_of(tmp_path, 8))
    before = files(eight)
    shutil.copytree(tmp_path / "saved", segments, dirs_exist_ok=True)
    assert files(eight) != before
    publish_night(eight, step, output_of(tmp_path, 8))
    assert files(eight) == before


def test_a_reader_of_the_old_state_works_until_its_segments_are_merged(eight: Folder, tmp_path: Path) -> None:
    reader = History.open(publish_nights(tmp_path / "seven", NIGHTS[:7])).before("new", SETTINGS)
    index = reader.folder
    publish_night(index, night_step(index, tmp_path / "seven", 7, NIGHTS[7]), output_of(tmp_path / "seven", 7))
    assert find_bands(reader, keys_of(3, 7))[1].tolist() == [6]
    publish_night(index, night_step(index, tmp_path / "seven", 8, NIGHTS[8]), output_of(tmp_path / "seven", 8))
    with pytest.raises(StoreError, match=r"is gone: another run has added to the history .*; run again"):
        find_bands(reader, keys_of(3, 7))


def test_the_last_night_can_be_published_again_with_other_results(eight: Folder, tmp_path: Path) -> None:
    for digest in ("a", "b", "a"):
        kept = NIGHTS[8] if digest == "a" else Kept(1, [(99, 0)])
        publish_night(eight, night_step(eight, tmp_path, 8, kept, digest), output_of(tmp_path, 8))
        assert len(History.open(eight).nights) == 9
        assert find_bands(History.open(eight), keys_of(8, 99))[0].tolist() == ([8] if digest == "a" else [99])
        assert sorted((eight / "keepers").folders())[8:] == [f"00008-{digest}"]
    others = publish_nights(tmp_path / "other", NIGHTS[:9])
    assert contents(eight)[:-1] == contents(others)[:-1]


def test_an_earlier_night_cannot_be_published_again_with_other_results(eight: Folder, tmp_path: Path) -> None:
    before = files(eight)
    publish_night(eight, night_step(eight, tmp_path, 3, NIGHTS[3]), output_of(tmp_path, 3))
    with pytest.raises(ConfigError, match=r"is night 3 of the history .* give this run another output"):
        publish_night(eight, night_step(eight, tmp_path, 3, Kept(1), "other"), output_of(tmp_path, 3))
    assert files(eight) == before


def test_of_two_runs_that_began_together_the_later_one_must_run_again(eight: Folder, tmp_path: Path) -> None:
    first, second = (night_step(eight, tmp_path, number, NIGHTS[number]) for number in (8, 9))
    publish_night(eight, first, output_of(tmp_path, 8))
    before = files(eight)
    with pytest.raises(StoreError, match=r"another run has added a night .*; run again"):
        publish_night(eight, second, output_of(tmp_path, 9))
    assert files(eight) == before
    publish_night(eight, night_step(eight, tmp_path, 9, NIGHTS[9]), output_of(tmp_path, 9))
    assert contents(eight) == contents(publish_nights(tmp_path / "other", NIGHTS))


def test_nobody_adds_a_night_while_another_run_does(eight: Folder, tmp_path: Path) -> None:
    step = night_step(eight, tmp_path, 8, NIGHTS[8])
    with OutputLock(eight), pytest.raises(LockedError):
        publish_night(eight, step, output_of(tmp_path, 8))
    publish_night(eight, step, output_of(tmp_path, 8))
    assert len(History.open(eight).nights) == 9


def test_deleting_an_output_takes_nothing_from_the_index(eight: Folder, tmp_path: Path) -> None:
    before = contents(eight)
    shutil.rmtree(output_of(tmp_path, 5))
    assert contents(eight) == before


def test_a_file_that_is_not_there_cannot_be_published(eight: Folder, tmp_path: Path) -> None:
    step, before = night_step(eight, tmp_path, 8, NIGHTS[8]), contents(eight)
    step.folder.delete("keepers/00008-d8/000000.parquet")
    with pytest.raises(StoreError, match=r"cannot write .*keepers/00008-d8/000000\.parquet"):
        publish_night(eight, step, output_of(tmp_path, 8))
    assert contents(eight) == before
