"""Rewrites like a document of the corpus, or like a better rewrite, do not enter it; in memory and through the shuffle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.algorithms import minhash, schemes
from curator.algorithms.sketches import estimated_jaccard
from curator.cluster import ray_cluster
from curator.config.duplicates import Duplicates, Near
from curator.config.schema import Resources
from curator.steps import near_rewrites
from curator.steps.exchange import InMemory
from curator.steps.near_rewrites import Work
from curator.steps.near_rewrites_compared import Rewritten
from curator.steps.near_search import Search
from curator.steps.synthetic_tables import REJECTED, accepted_rewrites, names_of
from curator.store.files import Folder
from curator.store.ids import document_ids, shard_number, synthetic_ids
from curator.store.step_folder import StepFolder
from tests.steps.near_corpus import Texts, by_shard, families, job
from tests.steps.rewritten_corpus import Rewrite, Rewrites, answers, rewritten

SHARDS = [shard_number(unit, part) for unit in range(3) for part in range(2)]
LONGEST = Duplicates(keep=("length",))
ONE_TASK, STAGED = 1 << 40, 0
Inputs = dict[str, StepFolder]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def done(folder: Path, inputs: Inputs, near: Near, exchange_bytes: int) -> StepFolder:
    """The finished step."""
    work = job("near_rewrites", folder, inputs, exchange_bytes)
    near_rewrites.run(work, near=near, duplicates=LONGEST)
    work.folder.finish(list(work.commits.values()))
    return work.folder


def rows_of(folder: StepFolder) -> list[dict[str, Any]]:
    return [row for shard in SHARDS for row in folder.sparse("rejected", shard, REJECTED).to_pylist()]


def gone_from(folder: StepFolder) -> set[tuple[int, str]]:
    return {(row["doc_id"], row["strategy"]) for row in rows_of(folder)}


def in_order(texts: Texts, rewrites: Rewrites, near: Near) -> set[tuple[int, str]]:
    """The definition: rewrites of longer sources first, each against all documents and the rewrites that stay."""
    given = [
        (-len(texts[shard][rewrite.row]), shard, rewrite) for shard, found in rewrites.items() for rewrite in found
    ]
    given.sort(key=lambda one: (one[0], one[1], one[2].row, one[2].strategy))
    curated = [text for documents in texts.values() for text in documents]
    everything = [*curated, *(rewrite.answer for _, _, rewrite in given)]
    signatures, sketches, _ = schemes.signatures(
        pa.array(everything, pa.large_string()),
        scheme=near.scheme,
        shingle_words=near.shingle_words,
        permutations=near.permutations,
        seed=near.seed,
    )
    assert near.bands is not None
    assert near.rows is not None
    keys = minhash.band_keys(signatures, bands=near.bands, rows=near.rows)
    stay, gone = list(range(len(curated))), set()
    for place, (_, shard, rewrite) in enumerate(given, start=len(curated)):
        met = [other for other in stay if (keys[other] == keys[place]).any()]
        pair = (sketches[met], np.repeat(sketches[place : place + 1], len(met), axis=0))
        if met and (estimated_jaccard(*pair) >= np.float32(near.threshold)).any():
            gone.add((int(document_ids(shard, rewrite.row + 1)[-1]), rewrite.strategy))
        else:
            stay.append(place)
    return gone


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), threshold=st.sampled_from([0.5, 0.75, 0.9]))
def test_what_goes_is_what_is_like_the_corpus_or_a_better_rewrite(tmp_path: Path, seed: int, threshold: float) -> None:
    shutil.rmtree(tmp_path, ignore_errors=True)
    near, texts = Near(threshold=threshold), by_shard(families(seed, families=5, versions=4), SHARDS)
    rewrites = answers(seed, texts)
    inputs = rewritten(tmp_path, texts, rewrites, near)
    work = Work(folder=StepFolder(Folder(str(tmp_path / "near"))), inputs=inputs, near=near)
    for shard in rewrites:
        work.sign(shard)
    compared = Rewritten.of(work.folder, inputs, LONGEST)
    groups = Search(compared=compared, near=near, alone_bytes=ONE_TASK).groups(InMemory())
    for shard in SHARDS:
        work.reject(shard, groups.of_shard(shard))
    found = gone_from(work.folder)
    assert found == in_order(texts, rewrites, near)
    assert 0 < len(found) < sum(map(len, rewrites.values()))


@pytest.mark.parametrize("verify", ["signatures", "text"])
def test_the_shuffle_finds_the_same_as_one_task(
    cluster: None, tmp_path: Path, verify: Literal["signatures", "text"]
) -> None:
    near, texts = Near(verify=verify), by_shard(families(1, families=8, versions=6), SHARDS)
    inputs = rewritten(tmp_path, texts, answers(1, texts), near)
    once, staged = (done(tmp_path / str(size), inputs, near, size) for size in (ONE_TASK, STAGED))
    assert rows_of(once) == rows_of(staged)
    assert len(rows_of(once)) > 20
    assert "groups-0" in staged.committed()
    assert "groups-0" not in once.committed()


def test_a_run_killed_after_any_commit_ends_with_the_same_rows(cluster: None, tmp_path: Path) -> None:
    near, texts = Near(), by_shard(families(2, families=6, versions=4), SHARDS)
    inputs = rewritten(tmp_path, texts, answers(2, texts), near)
    whole = rows_of(done(tmp_path / "whole", inputs, near, STAGED))
    commits = sorted((tmp_path / "whole/commits").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert len(commits) > 2 * len(SHARDS) + 4
    for last in range(0, len(commits), 3):
        again = tmp_path / f"again-{last}"
        shutil.copytree(tmp_path / "whole", again)
        for commit in commits[last + 1 :]:  # as if the driver had been killed right after this commit
            (again / "commits" / commit.name).unlink()
            table = "signatures" if commit.stem.startswith("signed-") else "rejected"
            (again / table / f"{commit.stem.removeprefix('signed-')}.parquet").unlink(missing_ok=True)
        assert rows_of(done(again, inputs, near, STAGED)) == whole


WORDS = [f"w{number}" for number in range(400)]
TEXT, OTHER, LONGER = (" ".join(WORDS[start:stop]) for start, stop in ((0, 100), (100, 200), (200, 320)))


def versions(count: int, text: str = TEXT) -> list[str]:
    """Texts of which neighbours are alike (J = 0.85) and others are not."""
    words = [*text.split(), *(f"x{number}" for number in range(8 * count))]
    return [" ".join(words[8 * number : 8 * number + 100]) for number in range(count)]


def judged(folder: Path, texts: list[str], rewrites: list[Rewrite], near: Near | None = None) -> dict[str, Any]:
    """Rows of REJECTED by strategy, of rewrites of documents in one shard."""
    given = near or Near()
    found = done(folder / "near", rewritten(folder, {SHARDS[0]: texts}, {SHARDS[0]: rewrites}, given), given, ONE_TASK)
    return {row["strategy"]: row for row in rows_of(found)}


def test_a_rewrite_like_another_document_goes_and_is_told_which(cluster: None, tmp_path: Path) -> None:
    found = judged(tmp_path, [TEXT, OTHER], [Rewrite(0, f"{OTHER} more", "easy"), Rewrite(0, LONGER, "dense")])
    assert set(found) == {"easy"}
    assert (found["easy"]["doc_id"], found["easy"]["reason"]) == (0, "near_duplicate")
    assert found["easy"]["value"] > 0.9
    assert found["easy"]["detail"] == "document 1 was kept for it"


def test_of_rewrites_like_each_other_that_of_the_better_source_stays(cluster: None, tmp_path: Path) -> None:
    answer = " ".join(f"a{number}" for number in range(100))
    found = judged(tmp_path, [TEXT, LONGER], [Rewrite(0, answer, "easy"), Rewrite(1, f"{answer} more", "dense")])
    assert set(found) == {"easy"}
    assert found["easy"]["detail"] == f"document {synthetic_ids(SHARDS[0], 2)[1]} was kept for it"


def test_an_answer_behind_its_source_is_not_like_that_source_unless_it_repeats_it(
    cluster: None, tmp_path: Path
) -> None:
    answer = " ".join(f"q{number}" for number in range(20))
    appended = [Rewrite(0, answer, "asks", appended=True), Rewrite(0, TEXT, "repeats", appended=True)]
    assert set(judged(tmp_path, [TEXT, OTHER], appended)) == {"repeats"}


def test_of_a_chain_only_what_is_like_one_that_stays_goes(cluster: None, tmp_path: Path) -> None:
    chain = versions(4)
    ways = [Rewrite(0, answer, f"way{place}") for place, answer in enumerate(chain[1:], start=1)]
    assert set(judged(tmp_path / "direct", [OTHER, chain[0]], ways)) == {"way1", "way3"}
    chained = Near(groups="components")
    assert set(judged(tmp_path / "chained", [OTHER, chain[0]], ways, chained)) == {"way1", "way2", "way3"}


def test_what_is_like_a_document_goes_though_that_document_is_like_a_better_one(cluster: None, tmp_path: Path) -> None:
    better, middle, answer = versions(3)
    found = judged(tmp_path, [f"{better} longer", middle, OTHER], [Rewrite(2, answer)])
    assert found["easy"]["detail"] == "document 1 was kept for it", "near kept both, for groups of two or soft weights"


def test_where_nothing_was_accepted_nothing_is_read(cluster: None, tmp_path: Path) -> None:
    texts = by_shard(families(3, families=4, versions=6), SHARDS)
    inputs = rewritten(tmp_path, texts, {}, Near())
    shutil.rmtree(tmp_path / "ingest/signatures")
    folder = done(tmp_path / "near", inputs, Near(), STAGED)
    assert rows_of(folder) == []
    assert (folder.total("documents_in"), folder.total("documents_out"), folder.total("rewrites")) == (24, 24, 0)
    assert len(folder.committed()) == len(SHARDS)


def test_readers_get_what_is_left_and_all_are_counted(cluster: None, tmp_path: Path) -> None:
    near, texts = Near(), by_shard(families(5, families=6, versions=4), SHARDS)
    inputs = rewritten(tmp_path, texts, answers(5, texts), near)
    before = {name for shard in SHARDS for name in names_of(accepted_rewrites(inputs, shard))}
    folder = done(tmp_path / "near", inputs, near, ONE_TASK)
    after = {
        name for shard in SHARDS for name in names_of(accepted_rewrites(inputs | {"near_rewrites": folder}, shard))
    }
    gone = gone_from(folder)
    assert gone
    assert after == before - gone
    assert folder.total("rewrites") == inputs["verify"].total("accepted") == len(before)
    assert folder.total("accepted") == len(after)
    assert folder.total("rejected.near_duplicate") == len(gone)
