"""Rates become whole copies; what was asked for is met or said not to be; every way of doing it gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curator.config.concepts import Rebalance
from curator.config.duplicates import Duplicates
from curator.steps.rebalance import COPIES, Work
from curator.steps.rebalance_concepts import CONCEPTS, concept_sums
from curator.steps.rebalance_groups import Selected, added_up
from curator.steps.rebalance_mixture import MIXTURE, RATES
from curator.steps.samples import mixed
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet
from tests.steps.rebalance_corpus import ROWS, SHARDS, THEMES, selected_corpus


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    return selected_corpus(tmp_path)


def work(folder: Path, inputs: dict[str, StepFolder], duplicates: Duplicates | None = None, **settings: Any) -> Work:
    rebalance = Rebalance.model_validate(settings) if settings else None
    selected = Selected(inputs=inputs, duplicates=duplicates or Duplicates())
    return Work(folder=StepFolder(Folder(str(folder))), selected=selected, rebalance=rebalance)


def done(wanted: Work) -> dict[str, Commit]:
    return {commit.name: commit for commit in wanted.at_once(SHARDS, frozenset())}


def result(wanted: Work) -> pa.Table:
    """doc_id, tokens, concept, new copies (0 where dropped) of what was selected."""
    tables = []
    for shard in SHARDS:
        rows, kept = wanted.selected.rows(shard), wanted.folder.read("copies", shard)
        assert kept.schema.equals(COPIES)
        copies = dict(zip(kept["doc_id"].to_pylist(), kept["copies"].to_pylist(), strict=True))
        found = [copies.get(document, 0) for document in rows["doc_id"].to_pylist()]
        tables.append(rows.set_column(rows.column_names.index("copies"), "copies", pa.array(found, pa.int64())))
    return pa.concat_tables(tables)


def tokens_by(rows: pa.Table, groups: list[Any]) -> dict[Any, tuple[int, int]]:
    """Tokens and tokens with copies of every group."""
    sums: dict[Any, tuple[int, int]] = {}
    for group, tokens, copies in zip(groups, rows["tokens"].to_pylist(), rows["copies"].to_pylist(), strict=True):
        once, repeated = sums.get(group, (0, 0))
        sums[group] = (once + tokens, repeated + tokens * copies)
    return sums


def themes(rows: pa.Table) -> list[int]:
    return [THEMES[concept] for concept in rows["concept_id"].to_pylist()]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_without_rebalancing_copies_are_those_of_rehydration_and_nothing_is_dropped(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    wanted = work(tmp_path / "rebalance", inputs, Duplicates(rehydrate=((5, 3),)))
    commits = done(wanted)
    assert sorted(np.unique(result(wanted)["copies"]).tolist()) == [1, 3]
    assert "mixture" not in commits
    assert not (tmp_path / "rebalance" / "drops").exists()
    assert sum(commit.counts.get("copies", 0) for commit in commits.values()) == 3 * (390 + 2 * 10)


def test_equal_parts_by_theme_are_met_within_chance(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="theme", method="unimax")
    done(wanted)
    rows = result(wanted)
    sums = tokens_by(rows, themes(rows))
    selected = sum(once for once, _ in sums.values())
    mixture = read_parquet(wanted.folder.folder, MIXTURE).to_pydict()
    assert mixture["name"] == ["0", "1"]
    assert mixture["tokens"] == [sums[0][0], sums[1][0]]
    assert sum(mixture["target_tokens"]) == pytest.approx(selected, abs=2)
    assert mixture["target_tokens"] == pytest.approx(
        [min(selected / 2, 4 * sums[0][0]), mixture["target_tokens"][1]], abs=1
    )
    for theme in (0, 1):
        assert sums[theme][1] == pytest.approx(mixture["target_tokens"][theme], rel=0.06)
        assert mixture["passes"][theme] == pytest.approx(mixture["target_tokens"][theme] / sums[theme][0], rel=1e-3)


def test_counters_are_the_exact_totals(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="language", method="temperature", temperature=3.0)
    commits = done(wanted).values()
    rows = result(wanted)
    tokens, copies = rows["tokens"].to_numpy(), rows["copies"].to_numpy()
    totals = {
        name: sum(commit.counts.get(name, 0) for commit in commits) for name in ("tokens", "copies", "copies_tokens")
    }
    assert totals == {"tokens": tokens.sum(), "copies": copies.sum(), "copies_tokens": (tokens * copies).sum()}
    effective = sum(commit.counts.get("effective_tokens", 0) for commit in commits)
    assert tokens[copies > 0].sum() < effective < totals["copies_tokens"]


def test_what_gets_no_copy_is_dropped_with_its_rate_and_why(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="theme", method="mixture", mixture={"0": 0.5})
    commits = done(wanted)
    drops = pa.concat_tables([wanted.folder.drops(shard) for shard in SHARDS])
    rows = result(wanted)
    assert (
        sorted(drops["doc_id"].to_pylist())
        == rows.filter(pa.array(rows["copies"].to_numpy() == 0))["doc_id"].to_pylist()
    )
    passes = read_parquet(wanted.folder.folder, MIXTURE)["passes"].to_pylist()[1]
    assert 0.3 < passes < 1
    assert set(drops["reason"].to_pylist()) == {"rebalanced"}
    assert set(drops["detail"].to_pylist()) == {f"theme 1: {passes:.2f} passes"}
    assert set(drops["value"].to_pylist()) == {passes}
    for shard in SHARDS:
        counts = commits[f"{shard >> 14:08d}-00000"].counts
        assert counts["documents_in"] == 390
        assert counts["documents_out"] + counts["dropped.rebalanced"] == 390


def test_by_quality_the_worst_go_and_the_best_are_repeated(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    wanted = work(
        tmp_path / "rebalance", inputs, by="language", method="size", quality={"drop_share": 0.4}, max_passes=7
    )
    done(wanted)
    rows = result(wanted)
    kept = np.concatenate([np.arange(10, ROWS) + place * ROWS for place in range(3)])
    quality = np.concatenate([inputs["filter"].read("quality", shard)["quality"].to_numpy() for shard in SHARDS])[kept]
    copies = rows["copies"].to_numpy()
    assert copies[quality < 0.3].max() == 0
    assert copies[quality > 0.9].mean() > 2.5
    sums = tokens_by(rows, rows["language"].to_pylist())
    assert sums["en"][1] == pytest.approx(sums["en"][0], rel=0.1)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("concept", {"0", "1", "2", "3", "4"}),
        ("theme", {"0", "1"}),
        ("language", {"de", "en"}),
        ("source", {"s0", "s1", "s2", "unknown"}),
    ],
)
def test_groups_have_the_names_that_people_know(
    inputs: dict[str, StepFolder], tmp_path: Path, by: str, names: set[str]
) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by=by)
    done(wanted)
    assert set(read_parquet(wanted.folder.folder, MIXTURE)["name"].to_pylist()) == names


def staged(wanted: Work, partitions: int) -> Iterator[Commit]:
    """What the cluster does: sums are reduced in partitions by key, in any order, and shards are copied one by one."""

    def met(emit: Any, reduce: Any) -> pa.Table:
        rows = pa.concat_tables([emit(shard) for shard in reversed(SHARDS)])
        part = rows["key"].to_numpy() % partitions
        return pa.concat_tables([reduce(rows.filter(pa.array(part == place))) for place in reversed(range(partitions))])

    yield wanted.conclude_mixture(met(wanted.group_sums, added_up))
    yield from (wanted.copy_shard(shard) for shard in reversed(SHARDS))
    yield wanted.conclude(met(wanted.sums, concept_sums))


@pytest.mark.parametrize("by", ["theme", "source"])
def test_partitions_and_order_do_not_show(inputs: dict[str, StepFolder], tmp_path: Path, by: str) -> None:
    make = partial(work, inputs=inputs, by=by, quality={})
    done(make(tmp_path / "alone"))
    for partitions in (1, 5):
        folder = tmp_path / f"staged-{partitions}"
        assert len(list(staged(make(folder), partitions))) == 5
        assert files(folder) == files(tmp_path / "alone")


def test_what_is_done_is_not_done_again_and_the_rest_is_the_same(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    make = partial(work, inputs=inputs, by="theme")
    whole = done(make(tmp_path / "whole"))
    wanted = make(tmp_path / "resumed")
    first = [commit for commit, _ in zip(wanted.at_once(SHARDS, frozenset()), range(2), strict=False)]
    rest = list(wanted.at_once(SHARDS, frozenset(commit.name for commit in first)))
    assert [commit.name for commit in (*first, *rest)] == list(whole)
    assert files(tmp_path / "resumed") == files(tmp_path / "whole")


def test_concepts_are_told_with_what_they_were_granted_and_what_they_keep(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="concept", method="unimax")
    done(wanted)
    rows = result(wanted)
    stay = rows.filter(pa.array(rows["copies"].to_numpy() > 0))
    sums = tokens_by(stay, stay["concept_id"].to_pylist())
    concepts = read_parquet(wanted.folder.folder, CONCEPTS)
    assert concepts.column_names == [
        "concept_id", "theme_id", "documents", "quota", "allowance", "kept", "kept_tokens", "copies", "copies_tokens",
    ]  # fmt: skip
    assert concepts["allowance"].to_pylist() == [1, 2, 1, 3, 2]
    for row in concepts.to_pylist():
        assert (row["kept_tokens"], row["copies_tokens"]) == sums[row["concept_id"]]
    assert sum(concepts["kept"].to_pylist()) == stay.num_rows
    assert sum(concepts["copies"].to_pylist()) == sum(stay["copies"].to_pylist())


def test_a_concept_that_keeps_nothing_is_still_told(inputs: dict[str, StepFolder], tmp_path: Path) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="concept", method="mixture", mixture={"4": 0.0})
    done(wanted)
    last = read_parquet(wanted.folder.folder, CONCEPTS).to_pylist()[4]
    assert (last["concept_id"], last["kept"], last["copies_tokens"]) == (4, 0, 0)


def test_copies_do_not_depend_on_a_selection_at_random_of_the_same_seed(
    inputs: dict[str, StepFolder], tmp_path: Path
) -> None:
    wanted = work(tmp_path / "rebalance", inputs, by="language", method="size", tokens=400_000)
    done(wanted)
    rows = result(wanted)
    small = mixed(rows["doc_id"].to_numpy(), 1) < 1 << 63
    copies = rows["copies"].to_numpy()
    assert copies[small].mean() == pytest.approx(copies[~small].mean(), abs=0.15)


@pytest.mark.parametrize("name", [MIXTURE, RATES, CONCEPTS])
def test_no_small_file_is_missing(inputs: dict[str, StepFolder], tmp_path: Path, name: str) -> None:
    done(work(tmp_path / "rebalance", inputs, by="theme"))
    assert (tmp_path / "rebalance" / name).is_file()
