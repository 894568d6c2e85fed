"""The cache of answers: what was paid for is there after any kill, in few files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curator.errors import StoreError
from curator.rephrase import cache as module
from curator.rephrase.cache import ResponseCache
from curator.rephrase.requests import Response
from curator.store.files import Folder
from curator.store.ids import shard_name, shard_number

SHARD = shard_number(3, 1)


def response(number: int, outcome: str = "stop") -> Response:
    text = f"Antwort {number} ☕" if not outcome.startswith("failed") else ""
    return Response(
        key=f"{number:064x}", outcome=outcome, text=text, prompt_tokens=number, completion_tokens=2 * number
    )


def by_key(*responses: Response) -> dict[str, Response]:
    return {given.key: given for given in responses}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / shard_name(SHARD)).glob("*"))


def test_an_empty_cache_knows_nothing_and_writes_nothing(tmp_path: Path) -> None:
    cache = ResponseCache(Folder(str(tmp_path)), SHARD)
    cache.put([])
    cache.compact()
    assert cache.load() == {}
    assert not list(tmp_path.iterdir())


def test_answers_are_there_for_whoever_opens_the_cache_of_their_shard(tmp_path: Path) -> None:
    given = [response(1), response(2, "length"), Response(key="k", outcome="stop")]
    ResponseCache(Folder(str(tmp_path)), SHARD).put(given)
    assert ResponseCache(Folder(str(tmp_path)), SHARD).load() == by_key(*given)
    assert ResponseCache(Folder(str(tmp_path)), SHARD + 1).load() == {}


def test_failures_are_not_kept(tmp_path: Path) -> None:
    cache = ResponseCache(Folder(str(tmp_path)), SHARD)
    cache.put([response(1, "failed: status 503")])
    assert not list(tmp_path.iterdir())
    cache.put([response(1, "failed: status 503"), response(2)])
    assert cache.load() == by_key(response(2))


def test_at_the_end_of_a_shard_there_is_one_file_with_the_same_bytes_whatever_came_when(tmp_path: Path) -> None:
    kept = []
    for name, sizes in (("one", [9]), ("many", [1, 2, 3, 1, 1, 1]), ("resumed", [4, 5])):
        numbers = iter(range(9))
        for size in sizes:
            cache = ResponseCache(Folder(str(tmp_path / name)), SHARD)
            cache.put(response(next(numbers)) for _ in range(size))
        cache.compact()
        cache.compact()
        (file,) = files(tmp_path / name)
        kept.append((file, (tmp_path / name / shard_name(SHARD) / file).read_bytes()))
    assert kept[0] == kept[1] == kept[2]


class Watched(Folder):
    """A folder on a disk that is copied after everything that is done to it: all that a kill can leave."""

    def __init__(self, uri: str, seen: Callable[[], None]) -> None:
        super().__init__(uri)
        self._seen = seen

    def __truediv__(self, name: str) -> Watched:
        return Watched(str(Path(self.uri) / name), self._seen)

    def put(self, name: str, content: bytes | memoryview) -> None:
        super().put(name, content)
        self._seen()

    def delete(self, name: str) -> None:
        super().delete(name)
        self._seen()


@pytest.fixture
def states(tmp_path: Path) -> tuple[Watched, list[Path]]:
    copies: list[Path] = []

    def copied() -> None:
        copies.append(tmp_path / f"state-{len(copies)}")
        shutil.copytree(tmp_path / "cache", copies[-1])

    return Watched(str(tmp_path / "cache"), copied), copies


def test_a_kill_between_any_two_files_loses_no_answer(
    states: tuple[Watched, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SMALL_FILES", 4)
    watched, copies = states
    cache, there, expected = ResponseCache(watched, SHARD), [], {}
    for number in range(11):
        there.append(response(number))
        cache.put(there[-1:])
        expected.update({copy: by_key(*there) for copy in copies if copy not in expected})
    cache.compact()
    expected.update({copy: by_key(*there) for copy in copies if copy not in expected})
    assert len(copies) == 11 + 2 * (1 + 4) + 1 + 5  # answers, two merges of 4, and one of what is left
    assert max(len(files(copy)) for copy in copies) <= 7
    for copy, answers in expected.items():
        assert ResponseCache(Folder(str(copy)), SHARD).load() == answers
        resumed = ResponseCache(Folder(str(copy)), SHARD)
        resumed.compact()
        assert resumed.load() == answers
        assert len(files(copy)) == 1


def test_what_a_killed_write_leaves_is_no_answer(tmp_path: Path) -> None:
    cache = ResponseCache(Folder(str(tmp_path)), SHARD)
    cache.put([response(1)])
    (tmp_path / shard_name(SHARD) / "aa.parquet.0123.attempt").write_bytes(b"PAR1")
    assert cache.load() == by_key(response(1))


def test_two_writers_of_one_shard_lose_nothing(tmp_path: Path) -> None:
    ours, theirs = (ResponseCache(Folder(str(tmp_path)), SHARD) for _ in range(2))
    ours.put([response(1)])
    theirs.put([response(1), response(2)])
    ours.compact()
    theirs.put([response(3)])
    theirs.compact()
    assert ours.load() == by_key(response(1), response(2), response(3))
    (whole,) = (tmp_path / shard_name(SHARD)).glob("*.parquet")
    assert pq.read_table(whole)["key"].to_pylist() == [response(number).key for number in (1, 2, 3)]


def test_a_damaged_file_is_named_with_its_mend(tmp_path: Path) -> None:
    cache = ResponseCache(Folder(str(tmp_path)), SHARD)
    cache.put([response(1)])
    (name,) = files(tmp_path)
    (tmp_path / shard_name(SHARD) / name).write_bytes(b"PAR1 and nothing")
    with pytest.raises(StoreError, match=f"{name}: .*; delete this file"):
        cache.load()


def test_object_storage_holds_the_same(tmp_path: Path) -> None:
    from tests.s3_server import s3_server

    with s3_server("answers") as (client, port):
        stored = Folder(f"s3://answers/out/cache?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1")
        for folder in (stored, Folder(str(tmp_path))):
            cache = ResponseCache(folder, SHARD)
            for number in range(5):
                cache.put([response(number)])
            cache.compact()
        listed = client.list_objects_v2(Bucket="answers")["Contents"]
        assert [item["Key"] for item in listed if item["Key"].endswith(".parquet")] == [
            f"out/cache/{shard_name(SHARD)}/{name}" for name in files(tmp_path)
        ]
        assert ResponseCache(stored, SHARD).load() == by_key(*map(response, range(5)))
