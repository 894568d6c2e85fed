"""What tonight kept is remembered under running numbers, whole, however it was cut for the work."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.algorithms import minhash
from curator.config.duplicates import Exact, Near
from curator.steps.exact import ADDRESS, CONTENT
from curator.steps.exchange import Meeting
from curator.steps.exchange_tables import HeldTables
from curator.steps.remember import Remembering, index_settings, run
from curator.steps.remember_rows import Numbering
from curator.steps.shuffle import partitions_for, range_of
from curator.steps.step import Job, Step
from curator.steps.survivors import Upstream, apply_drops, drops_table
from curator.store.files import Folder
from curator.store.history import History
from curator.store.history_lookup import find_bands, find_hashes, names, sketches
from curator.store.history_parts import BANDS, URLS
from curator.store.history_parts import CONTENT as CONTENT_TABLE
from curator.store.history_publish import publish_night
from curator.store.ids import document_ids, shard_number
from curator.store.step_folder import Commit, StepFolder
from curator.store.vectors import fixed_column

NEAR = Near(bands=4, rows=3, permutations=12)
EXACT = Exact(by_url=True)
ROWS = 40
SHARDS = [shard_number(unit, part) for unit, part in ((0, 0), (0, 1), (2, 0), (3, 0))]
EMPTY = SHARDS[1]


def ids(shard: int, *rows: int) -> np.ndarray:
    return document_ids(shard, ROWS)[list(rows)]


def content_hash(document: int) -> tuple[int, int]:
    return document * 0x9E3779B97F4A7C15 % 2**64, document + 1


def url_hash(document: int) -> int:
    return document * 0xD1B54A32D192ED03 % 2**64


def signature_of(document: int) -> np.ndarray:
    return np.random.default_rng(document).integers(0, 1 << 32, 12, dtype=np.uint32)


def sketch_of(document: int) -> np.ndarray:
    return np.random.default_rng(document + 1).integers(0, 256, 256, dtype=np.uint8)


def write_shard(folder: StepFolder, shard: int) -> None:
    """Statistics and signatures of a shard; each tenth document is too short for a signature, each seventh has no address."""
    rows = 0 if shard == EMPTY else ROWS
    documents = document_ids(shard, rows)
    hashes = [content_hash(document) for document in documents.tolist()]
    signed = np.array([document for row, document in enumerate(documents.tolist()) if row % 10], np.uint64)
    addresses = [url_hash(document) if row % 7 else None for row, document in enumerate(documents.tolist())]
    statistics = {
        "doc_id": documents,
        "bytes": np.full(rows, 10, np.int64),
        "content_hash_high": pa.array([high for high, _ in hashes], pa.uint64()),
        "content_hash_low": pa.array([low for _, low in hashes], pa.uint64()),
        "url_hash": pa.array(addresses, pa.uint64()),
    }
    signatures = np.array([signature_of(int(document)) for document in signed], "<u4").reshape(-1, 12)
    drawn = np.array([sketch_of(int(document)) for document in signed], np.uint8).reshape(-1, 256)
    folder.write("statistics", shard, pa.table(statistics))
    columns = {"doc_id": signed, "signature": fixed_column(signatures.view(np.uint8).reshape(-1, 48))}
    folder.write("signatures", shard, pa.table(columns | {"sketch": fixed_column(drawn)}))
    folder.commit(Commit(name=str(shard), shards=(shard,)))


def drop(folder: StepFolder, inputs: Mapping[str, StepFolder], rows: Mapping[str, tuple[int, ...]]) -> None:
    """A finished step that drops these rows of each shard that has documents, by reason."""
    commits = []
    for shard in SHARDS:
        tables = [
            drops_table(ids(shard, *chosen), reason, [1.0] * len(chosen), None) for reason, chosen in rows.items()
        ]
        drops = pa.concat_tables(tables if shard != EMPTY else [table.slice(0, 0) for table in tables])
        commits.append(apply_drops(folder, Upstream.of(inputs), shard, drops))
    folder.finish([*commits, Commit(name="found", shards=(), counts={"found.rows": 9})])


@dataclass(frozen=True)
class Night:
    """A run up to the step `near`: row 1 is filtered, 2 is a copy, 3 has an address that another has, 4 is a near duplicate."""

    base: Path
    inputs: Mapping[str, StepFolder]

    @staticmethod
    def at(base: Path) -> Night:
        folders = {name: StepFolder(Folder(str(base)) / name) for name in ("ingest", "filter", "exact", "near")}
        for shard in SHARDS:
            write_shard(folders["ingest"], shard)
        folders["ingest"].finish(list(folders["ingest"].committed().values()))
        dropped = {
            "filter": {"bad": (1,)},
            "exact": {CONTENT.reason: (2,), ADDRESS.reason: (3,)},
            "near": {"near": (4,)},
        }
        done: dict[str, StepFolder] = {"ingest": folders["ingest"]}
        for name, rows in dropped.items():
            drop(folders[name], done, rows)
            done[name] = folders[name]
        return Night(base, done)

    def job(self, folder: str = "remember") -> Job:
        step = Step(name="remember", settings={}, version=1, work=lambda job: None)
        target = StepFolder(Folder(str(self.base)) / folder)
        return Job(step=step, folder=target, inputs=self.inputs, exchange_bytes=10**9, watch=lambda event: None)

    def work(self, history: History, folder: str = "remember") -> Remembering:
        return pickle.loads(pickle.dumps(Remembering.of(self.job(folder), history, NEAR, EXACT)))


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night.at(tmp_path)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 32 keepers, so that they begin and end inside shards."""
    monkeypatch.setattr("curator.steps.remember_rows.KEEPER_ROWS", 32)
    monkeypatch.setattr("curator.store.history_lookup.KEEPER_ROWS", 32)
    monkeypatch.setattr("curator.store.history_publish.KEEPER_ROWS", 32)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step's tasks without Ray: one after another, each committed as it ends, what is committed not done again."""

    def over_shards(
        job: Job, tasks: Sequence[int], work: Callable[[int], Commit], *, name: Callable[[int], str]
    ) -> None:
        in_one_task(job, lambda: (work(task) for task in tasks if name(task) not in job.commits))

    def in_one_task(job: Job, work: Callable[[], Iterator[Commit]], *, expected: int = 0) -> None:
        for commit in work():
            job.folder.commit(commit)
            job.add(commit, expected)

    for module in ("remember", "remember_merges"):
        monkeypatch.setattr(f"curator.steps.{module}.over_shards", over_shards)
    monkeypatch.setattr("curator.steps.remember.in_one_task", in_one_task)


def remember(night: Night, history: History, folder: str = "remember") -> StepFolder:
    """The step, done."""
    job = night.job(folder)
    run(job, history=history, near=NEAR, exact=EXACT)
    assert job.commits["night"].counts == {
        "documents_in": 108,
        "documents_out": 108,
        "bytes_in": 1080,
        "bytes_out": 1080,
    }
    return job.folder


def kept(*gone: int) -> list[int]:
    """The doc_ids of all rows of all shards but these."""
    return [document for shard in SHARDS if shard != EMPTY for document in ids(shard, *(set(range(ROWS)) - set(gone)))]


def published(night: Night, outputs: int) -> History:
    """An index of the same night under several outputs: the index does not mind."""
    index = Folder(str(night.base / "index"))
    for number in range(outputs):
        history = History.open(index).before(f"/out-{number}", index_settings(NEAR, EXACT))
        publish_night(index, remember(night, history, f"remember-{number}"), f"/out-{number}")
    return History.open(index)


def test_entries_number_what_near_kept_in_order_of_doc_id(night: Night) -> None:
    history = published(night, 2)
    survivors = sorted(kept(1, 2, 3, 4))
    assert history.entries == 2 * len(survivors)
    signed = [place for place, document in enumerate(survivors) if document % (1 << 24) % 10]
    for first, number in ((0, 0), (len(survivors), 1)):
        entries = np.array([first + place for place in signed], np.uint64)
        nights, documents = names(history, entries)
        assert documents.tolist() == [survivors[place] for place in signed]
        assert set(nights.tolist()) == {number}
    drawn = sketches(history, np.array(signed, np.uint64))
    assert np.array_equal(drawn, [sketch_of(survivors[place]) for place in signed])


def test_every_band_of_every_signed_survivor_leads_to_its_entry(night: Night) -> None:
    history = published(night, 1)
    survivors = sorted(kept(1, 2, 3, 4))
    signed = [place for place, document in enumerate(survivors) if document % (1 << 24) % 10]
    signatures = np.array([signature_of(survivors[place]) for place in signed])
    keys = minhash.band_keys(signatures, bands=4, rows=3)
    expected = sorted((int(key), place) for row, place in zip(keys, signed, strict=True) for key in row)
    found = find_bands(history, np.unique(keys))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected
    assert sum(history.segments[BANDS][0].rows) == len(expected)


def test_contents_are_those_of_all_but_copies_and_addresses_those_of_what_exact_kept(night: Night) -> None:
    """Who goes for an address, or as a near duplicate, still stands for its content: later copies of it go for it."""
    history = published(night, 1)
    documents = kept(1)
    hashes = np.array([content_hash(int(document)) for document in documents], np.uint64)
    row, nights, found = find_hashes(history, CONTENT_TABLE, hashes[:, 0], hashes[:, 1])
    assert found.tolist() == [documents[place] for place in row.tolist()] == kept(1, 2)
    assert set(nights.tolist()) == {0}
    urls = np.array([url_hash(int(document)) for document in documents], np.uint64)
    _, _, addressed = find_hashes(history, URLS, urls, urls)
    assert addressed.tolist() == [document for document in kept(1, 2, 3) if document % (1 << 24) % 7]


def test_the_step_leaves_the_same_bytes_when_partitions_meet_one_by_one(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the staged exchange has it: a partition is a range of keys, and its rows come in any order."""
    monkeypatch.setattr("curator.steps.shuffle.PARTITION_BYTES", 1000)
    history = History(folder=Folder("/nowhere"), settings=index_settings(NEAR, EXACT))
    whole, staged = remember(night, history, "whole"), night.work(history, "staged")
    for part in reversed(staged.numbering.parts):
        staged.write_keepers(part)
    staged.conclude(staged.exchanged(ByPartition()), {})
    assert files(whole) == files(staged.folder)
    draft = json.loads(files(whole)["night.json"])
    assert [len(draft["made"][table]["rows"]) for table in (BANDS, CONTENT_TABLE)] == [8, 4]


class ByPartition:
    """An exchanger that reduces one partition after another, the last one first, rows turned round."""

    def exchange(self, meeting: Meeting) -> HeldTables:
        (source,) = meeting.sources
        assert meeting.ranged
        rows = pa.concat_tables([source.emit(task) for task in source.tasks])
        assert rows.num_rows <= source.rows
        partitions = partitions_for(meeting.size_bytes)
        partition = range_of(rows["key"].to_numpy(), partitions)
        reduced = []
        for number in reversed(range(partitions)):
            mine = np.flatnonzero(partition == number)[::-1]
            if len(mine):
                reduced.append(meeting.reduce(rows.take(pa.array(mine))))
        return HeldTables(pa.concat_tables([meeting.schema.empty_table(), *reduced]))


def files(folder: StepFolder) -> dict[str, bytes]:
    base = Path(folder.folder.uri)
    found = {str(path.relative_to(base)): path for path in sorted(base.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("commits/")}


def test_a_resumed_step_does_what_is_left_and_no_more(night: Night) -> None:
    history = History(folder=Folder("/nowhere"), settings=index_settings(NEAR, EXACT))
    folder = remember(night, history)
    before = files(folder)
    job = night.job()
    job.commits = {name: commit for name, commit in folder.committed().items() if name == "keepers-000001"}
    folder.folder.delete("keepers/00000-" + job.step.digest + "/000000.parquet")
    stamp = (Path(folder.folder.uri) / f"keepers/00000-{job.step.digest}/000001.parquet").stat().st_mtime_ns
    run(job, history=history, near=NEAR, exact=EXACT)
    assert files(folder) == before
    assert (Path(folder.folder.uri) / f"keepers/00000-{job.step.digest}/000001.parquet").stat().st_mtime_ns == stamp


def test_the_ninth_night_merges_the_eight_before_it(night: Night) -> None:
    keys = np.unique(minhash.band_keys(np.array([signature_of(document) for document in kept()]), bands=4, rows=3))
    eight = [column.tolist() for column in find_bands(published(night, 8), keys)]
    history = published(night, 9)
    spans = [(segment.first_night, segment.last_night) for segment in history.segments[BANDS]]
    assert spans == [(0, 7), (8, 8)]
    assert [len(history.segments[table]) for table in (CONTENT_TABLE, URLS)] == [2, 2]
    again = find_bands(history.before("/out-8", history.settings), keys)
    assert [column.tolist() for column in again] == eight


def test_a_night_that_kept_nothing_is_a_night(night: Night) -> None:
    work = night.work(History(folder=Folder("/nowhere")))
    nothing = Numbering(upstream=work.numbering.upstream, shards=np.empty(0, np.int64), firsts=np.array([7], np.uint64))
    assert (nothing.entries, list(nothing.parts), nothing.first) == (0, [], 7)


def test_bands_that_are_computed_are_part_of_the_settings() -> None:
    assert index_settings(Near(), Exact())["near.bands"] == 20
    computed = index_settings(Near(bands=None, rows=None, threshold=0.8), Exact())
    assert computed["near.bands"] * computed["near.rows"] <= 120
    assert computed != index_settings(Near(bands=None, rows=None, threshold=0.5), Exact())
    assert json.loads(json.dumps(computed)) == computed
