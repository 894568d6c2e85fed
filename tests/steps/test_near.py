"""Near duplicates: what stays is the greedy choice in the order of the keeper rule, in memory and through the shuffle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.algorithms import minhash
from curator.algorithms.sketches import estimated_jaccard
from curator.cluster import ray_cluster
from curator.config.duplicates import Duplicates, Near
from curator.config.schema import Resources
from curator.steps import near as near_step
from curator.steps.exchange import Exchanger, InMemory, Staged
from curator.steps.near_compared import Survivors
from curator.steps.near_search import Search
from curator.steps.ranks import Ranking
from curator.store.ids import document_ids, shard_number
from curator.store.step_folder import StepFolder
from curator.store.vectors import fixed_bytes
from tests.steps.near_corpus import Texts, by_shard, families, ingested, job, nothing_exact

SHARDS = [shard_number(unit, part) for unit in range(3) for part in range(2)]
LONGEST = Duplicates(keep=("length",))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def search(folder: Path, texts: Texts, near: Near, alone_bytes: int = 1 << 40) -> Search:
    inputs = {"ingest": ingested(folder / "ingest", texts, near), "exact": nothing_exact(folder / "exact", texts)}
    ranking = Ranking.of(inputs, LONGEST)
    compared = Survivors(ranking=ranking, exact=inputs["exact"], history=None)
    return Search(compared=compared, near=near, alone_bytes=alone_bytes)


def kept_for(exchanger: Exchanger, wanted: Search) -> dict[int, int]:
    """Each dropped document and the one kept for it."""
    groups = wanted.groups(exchanger)
    rows = pa.concat_tables([groups.of_shard(shard) for shard in SHARDS])
    pairs = zip(rows["doc_id"].to_pylist(), rows["kept_doc_id"].to_pylist(), strict=True)
    return {document: kept for document, kept in pairs if document != kept}


def in_order(wanted: Search, texts: Texts) -> dict[int, int]:
    """The definition, document by document: it goes for the first kept one that shares a band with it and is like it."""
    near, columns = wanted.near, ("doc_id", "signature", "sketch")
    rows = pa.concat_tables([wanted.compared.signatures(shard, columns) for shard in SHARDS])
    documents = rows["doc_id"].to_numpy()
    assert near.bands is not None
    assert near.rows is not None
    signatures = fixed_bytes(rows["signature"]).reshape(-1).view("<u4").reshape(-1, near.permutations)
    keys = minhash.band_keys(signatures.astype(np.uint32), bands=near.bands, rows=near.rows)
    sketches = fixed_bytes(rows["sketch"])
    length = {
        int(i): len(t)
        for shard, all_texts in texts.items()
        for i, t in zip(document_ids(shard, len(all_texts)), all_texts, strict=True)
    }
    kept: list[int] = []
    gone: dict[int, int] = {}
    for place in sorted(range(len(documents)), key=lambda place: (-length[int(documents[place])], documents[place])):
        leaders = [leader for leader in kept if (keys[leader] == keys[place]).any()]
        alike = [
            leader
            for leader in leaders
            if estimated_jaccard(sketches[leader : leader + 1], sketches[place : place + 1])[0]
            >= np.float32(near.threshold)
        ]
        if alike:
            gone[int(documents[place])] = int(documents[alike[0]])
        else:
            kept.append(place)
    return gone


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), threshold=st.sampled_from([0.5, 0.75, 0.9]))
def test_what_stays_is_the_greedy_choice_in_order(tmp_path: Path, seed: int, threshold: float) -> None:
    near = Near(threshold=threshold)
    texts = by_shard(families(seed, families=6, versions=9), SHARDS)
    shutil.rmtree(tmp_path, ignore_errors=True)
    wanted = search(tmp_path, texts, near)
    found, expected = kept_for(InMemory(), wanted), in_order(wanted, texts)
    assert set(found) == set(expected)
    assert found.keys().isdisjoint(found.values()), "a document is dropped for one that stays"
    assert found


@pytest.mark.parametrize(
    ("alone_bytes", "verify"), [(0, "signatures"), (1 << 40, "text")], ids=["by component", "alone, on texts"]
)
def test_the_shuffle_finds_the_same_groups_as_one_task(
    cluster: None, tmp_path: Path, alone_bytes: int, verify: Literal["signatures", "text"]
) -> None:
    texts = by_shard(families(3, families=12, versions=10), SHARDS)
    wanted = search(tmp_path, texts, Near(verify=verify), alone_bytes)
    staged = Staged(job("near", tmp_path / "near", {}, 0), SHARDS)
    found, expected = wanted.groups(staged), wanted.groups(InMemory())
    assert expected.rows > 50
    for shard in SHARDS:
        assert found.of_shard(shard).equals(expected.of_shard(shard))
    assert any(name.startswith("components-0-large-") for name in staged.job.commits) == (alone_bytes == 0)


def run_step(folder: Path, texts: Texts, near: Near, duplicates: Duplicates, exchange_bytes: int) -> StepFolder:
    inputs = {"ingest": ingested(folder / "ingest", texts, near), "exact": nothing_exact(folder / "exact", texts)}
    work = job("near", folder / "near", inputs, exchange_bytes)
    near_step.run(work, near=near, duplicates=duplicates, history=None)
    return work.folder


def tables(folder: StepFolder) -> list[pa.Table]:
    groups = near_step.NEAR_GROUPS
    return [table for shard in SHARDS for table in (folder.drops(shard), folder.sparse("groups", shard, groups))]


def test_a_run_killed_after_any_exchange_ends_with_the_same_tables(cluster: None, tmp_path: Path) -> None:
    texts = by_shard(families(4, families=10, versions=8), SHARDS)
    whole = tables(run_step(tmp_path / "whole", texts, Near(), LONGEST, 0))
    stages = sorted((tmp_path / "whole/near/commits").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    names = [
        path.name for path in stages if path.name.startswith(("members", "edges", "components", "rooted", "groups"))
    ]
    assert len(names) > 6
    for last in range(len(names)):
        again = tmp_path / f"again-{last}"
        shutil.copytree(tmp_path / "whole", again)
        for name in stages[last + 1 :]:  # as if the driver had been killed right after this commit
            (again / "near/commits" / name.name).unlink()
        for table in ("drops", "groups"):
            shutil.rmtree(again / "near" / table, ignore_errors=True)
        assert tables(run_step(again, texts, Near(), LONGEST, 0)) == whole


def test_chains_go_whole_only_where_components_are_asked_for(cluster: None, tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(200)]
    chain = [" ".join(words[start : start + 100]) for start in (0, 8, 16, 24)]  # neighbours at J = 0.85, ends at 0.6
    texts = by_shard(chain, SHARDS[:4])
    direct = run_step(tmp_path / "direct", texts, Near(), Duplicates(keep=()), 1 << 40)
    chained = run_step(tmp_path / "chained", texts, Near(groups="components"), Duplicates(keep=()), 1 << 40)
    dropped = {
        name: sum(folder.drops(shard).num_rows for shard in SHARDS[:4])
        for name, folder in (("direct", direct), ("chained", chained))
    }
    assert dropped == {"direct": 2, "chained": 3}


def test_several_of_a_group_may_stay(cluster: None, tmp_path: Path) -> None:
    text = " ".join(f"w{number}" for number in range(300))
    texts = by_shard([f"{text} {number}" for number in range(6)], SHARDS)
    three = run_step(tmp_path / "three", texts, Near(), Duplicates(keep=(), documents_per_group=3), 1 << 40)
    soft = run_step(tmp_path / "soft", texts, Near(), Duplicates(keep=(), soft_exponent=0.5), 1 << 40)
    assert sum(three.drops(shard).num_rows for shard in SHARDS) == 3
    assert sum(soft.drops(shard).num_rows for shard in SHARDS) == 0
    groups = pa.concat_tables([soft.read("groups", shard) for shard in SHARDS])
    assert groups["size"].to_pylist() == [6] * 6
    assert len(set(groups["group"].to_pylist())) == 1


def test_pairs_are_verified_on_their_texts_if_asked(cluster: None, tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(400)]
    pair = [" ".join(words), " ".join(words[:200])]  # every shingle of the second is in the first
    texts = by_shard(pair, SHARDS[:2])
    wide = {"bands": 60, "rows": 2}
    jaccard = run_step(tmp_path / "jaccard", texts, Near(verify="text", **wide), LONGEST, 1 << 40)
    inside = run_step(tmp_path / "inside", texts, Near(verify="text", measure="containment", **wide), LONGEST, 1 << 40)
    assert [jaccard.drops(shard).num_rows for shard in SHARDS[:2]] == [0, 0]
    assert [inside.drops(shard).num_rows for shard in SHARDS[:2]] == [0, 1]
    assert inside.drops(SHARDS[1])["value"].to_pylist() == [1.0]
