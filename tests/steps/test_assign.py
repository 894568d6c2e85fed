"""Synthetic text is planned up to its share, inside its limits, for documents that strategies apply to, where concepts lack it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.algorithms.quality_ranks import CLASSES
from curator.cluster import ray_cluster
from curator.config.engines import HttpEngine
from curator.config.rephrase import Choice, Limits, Rephrase
from curator.config.schema import Resources
from curator.rephrase.strategy import Strategy
from curator.steps import assign as step
from curator.steps.assign_draw import ASSIGNED, drawn_sums, group_sums
from curator.steps.assign_plan import MEASURES, PLAN, RATES, measures
from curator.steps.assign_rows import AssignRows, levels, weights_of
from curator.steps.concept_files import QUOTAS
from curator.steps.gather import together
from curator.steps.order_rows import QUANTILES
from curator.store.step_folder import Commit
from curator.store.tables import to_parquet
from tests.steps import ordered
from tests.steps.killed import contents, killed_after, rounds
from tests.steps.ordered import CONCEPTS, Document, documents

ENGINE = HttpEngine(url="http://localhost:1/v1", model="none")


def rephrase(**settings: Any) -> Rephrase:
    return Rephrase(http=ENGINE, **settings)


def strategy(name: str, **changed: Any) -> Strategy:
    """A strategy for all documents; as many tokens come out as go in."""
    settings = {
        "style": "exposition",
        "weight": 1.0,
        "input_tokens": 60,
        "output_tokens": 100,
        "length": (0.5, 1.5),
        "similarity": (0.1, 0.9),
        "key_facts": 0.0,
        "prompt": "Say it in other words: {{ text }}",
    }
    return Strategy(name=name, **{**settings, **changed})


THREE = (strategy("clear", weight=5.0), strategy("dense", weight=3.0), strategy("easy", weight=2.0))
TALK = strategy("talk", style="conversation", weight=10.0)


class Corpus(ordered.Corpus):
    """Documents with a concept and some numbers; with `quotas`, concepts that should all have as much, and have so many tokens.
    Those of the source `captions` are captions of media.
    """

    def __init__(
        self,
        folder: Path,
        found: Sequence[Document],
        sizes: Sequence[int],
        quotas: Sequence[int] | None = None,
        captions: str | None = None,
    ) -> None:
        self.captions = captions
        super().__init__(folder, found, sizes, "assign")
        if quotas is None:
            return
        self.inputs["budgets"] = type(self.own)(self.own.folder.__class__(str(folder)) / "budgets")
        ids, share = np.arange(CONCEPTS, dtype=np.uint32), np.full(CONCEPTS, 1 / CONCEPTS)
        table = pa.table({"concept_id": ids, "share": share, "quota": pa.array(quotas, pa.int64())})
        self.inputs["budgets"].write_bytes(QUOTAS, to_parquet(table).to_pybytes())

    def _write(self, shard: int, rows: Sequence[Document]) -> None:
        super()._write(shard, rows)
        captions = pa.array([row.source == self.captions is not None for row in rows], pa.bool_())
        numbers = pa.array([row.doc_id % 10 / 100 for row in rows], pa.float32())
        statistics = self.inputs["ingest"].read("statistics", shard)
        self.inputs["ingest"].write(
            "statistics",
            shard,
            statistics.append_column("numeric_words", numbers).append_column("is_caption", captions),
        )
        concepts = pa.array([row.concept for row in rows], pa.uint32())
        curated = self.inputs["curate"].read("curated", shard)
        self.inputs["curate"].write("curated", shard, curated.append_column("concept_id", concepts))

    def work(self, asked: Rephrase, used: Sequence[Strategy]) -> step.Work:
        rows = AssignRows(folder=self.own, inputs=self.inputs, rephrase=asked, strategies=tuple(used))
        shards = tuple(shard for shard in self.shards if self._size(shard))
        return step.Work(rows=rows, shards=shards, documents=len(self.documents))

    def assign(self, asked: Rephrase, used: Sequence[Strategy] = THREE) -> list[Commit]:
        """All that the step does, without Ray."""
        return list(self.work(asked, used).at_once(frozenset()))

    @property
    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.own.read_bytes(PLAN))
        return found

    @property
    def assigned(self) -> list[tuple[Document, str]]:
        """Each document that is rephrased and how, in the order of the tables."""
        by_id = {document.doc_id: document for document in self.documents}
        tables = [self.own.sparse("assigned", shard, ASSIGNED) for shard in self.shards]
        return [(by_id[row["doc_id"]], row["strategy"]) for table in tables for row in table.to_pylist()]

    @property
    def original_tokens(self) -> int:
        return sum(document.tokens * document.copies for document in self.documents)

    def files(self) -> dict[str, bytes]:
        found = contents(Path(self.own.folder.uri))
        assert {PLAN, RATES, QUANTILES} <= found.keys()
        return found


def corpus(folder: Path, count: int = 3000, quotas: Sequence[int] | None = None) -> Corpus:
    return Corpus(folder, documents(4, count), (count // 3, 0, count - count // 3), quotas)


def share_of(found: Corpus, used: Sequence[Strategy]) -> float:
    """The share of synthetic tokens that comes of what is assigned."""
    by_name = {one.name: one for one in used}
    tokens = sum(tokens_of(document, by_name[name]) for document, name in found.assigned)
    return tokens / (tokens + found.original_tokens)


def tokens_of(document: Document, used: Strategy) -> int:
    return int(measures(used, np.array([document.tokens]))["tokens"][0])


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25])
def test_synthetic_text_comes_to_its_share_and_never_above_it(tmp_path: Path, share: float) -> None:
    found = corpus(tmp_path)
    commits = found.assign(rephrase(share=share))
    assert share_of(found, THREE) <= share
    assert share_of(found, THREE) == pytest.approx(share, rel=0.03)
    assert found.plan["share"] == pytest.approx(share_of(found, THREE))
    assert found.plan["rates"]["limited_by"] == "share"
    assert [note for commit in commits for note in commit.notes] == []


@given(st.integers(0, 1000), st.floats(0.001, 0.9), st.integers(1, 500), st.integers(1, 100_000), st.integers(1, 3))
@settings(max_examples=8, deadline=None)
def test_no_bound_is_ever_passed(
    tmp_path_factory: Any, seed: int, share: float, requests: int, tokens: int, variants: int
) -> None:
    found = Corpus(tmp_path_factory.mktemp("bounds"), documents(seed, 120), (50, 70))
    limits = Limits(requests=requests, tokens=tokens, cost=0.01, input_price=1.0, output_price=2.0)
    found.assign(rephrase(share=share, limits=limits, choice=Choice(variants=variants), seed=seed), (*THREE, TALK))
    plan = found.plan
    assert plan["share"] <= share
    assert plan["requests"] <= requests
    assert plan["input_tokens"] + plan["output_tokens"] <= tokens
    assert plan["cost"] <= 0.01
    assert plan["assigned"] == len(found.assigned)
    names = [(document.doc_id, name) for document, name in found.assigned]
    assert len(set(names)) == len(names)
    assert max(Counter(document for document, _ in names).values(), default=0) <= variants


def test_the_plan_the_tables_and_the_counts_of_shards_say_the_same(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    commits = found.assign(rephrase(share=0.3, limits=Limits(input_price=0.5, output_price=2.0)))
    plan, pairs = found.plan, found.assigned
    assert plan["original_tokens"] == found.original_tokens
    assert plan["documents"] == len({document.doc_id for document, _ in pairs})
    assert plan["assigned"] == len(pairs) == sum(commit.counts.get("assigned", 0) for commit in commits)
    assert sum(commit.counts.get("documents_in", 0) for commit in commits) == len(found.documents)
    assert sum(commit.counts.get("documents_out", 0) for commit in commits) == len(found.documents)
    for name in MEASURES:
        assert plan[name] == sum(commit.counts.get(f"planned_{name}", 0) for commit in commits)
        assert plan[name] == sum(row[name] for row in plan["strategies"].values())
    assert plan["cost"] == pytest.approx((0.5 * plan["input_tokens"] + 2 * plan["output_tokens"]) / 1e6, abs=1e-6)
    for used in THREE:
        mine = [document for document, name in pairs if name == used.name]
        assert plan["strategies"][used.name]["assigned"] == len(mine)
        assert plan["strategies"][used.name]["tokens"] == sum(tokens_of(document, used) for document in mine)
    rows = [(document.doc_id, name) for document, name in pairs]
    assert rows == sorted(rows)


def test_estimates_are_those_of_the_strategy_and_an_appended_answer_comes_with_its_original() -> None:
    sizes = np.array([1, 60, 61, 500, 60])
    alone, appended = (measures(strategy("one", appended=appended), sizes) for appended in (False, True))
    assert alone["requests"].tolist() == [1, 1, 2, 10, 1]
    assert alone["output_tokens"].tolist() == [1, 60, 61, 500, 60]
    assert alone["input_tokens"].tolist() == [10, 69, 79, 590, 69]
    assert alone["tokens"].tolist() == alone["output_tokens"].tolist() == appended["output_tokens"].tolist()
    assert appended["tokens"].tolist() == [2, 120, 122, 1000, 120]


@pytest.mark.parametrize(("limit", "value"), [("requests", 400), ("tokens", 30_000), ("cost", 0.02)])
def test_a_limit_cuts_the_choice_and_says_so(tmp_path: Path, limit: str, value: Any) -> None:
    found, limits = corpus(tmp_path), Limits(**{limit: value}, input_price=0.5, output_price=2.0)
    commits = found.assign(rephrase(limits=limits))
    plan = found.plan
    reached = {"tokens": plan["input_tokens"] + plan["output_tokens"]}.get(limit, plan[limit])
    assert value * 0.95 < reached <= value
    assert plan["rates"]["limited_by"] == limit
    notes = [note for commit in commits for note in commit.notes]
    assert notes == [
        f"rephrase.limits.{limit} leaves room for synthetic text of {plan['share']:.1%} of the tokens, "
        "not the 40.0% of rephrase.share"
    ]


def test_too_few_documents_for_the_share_are_all_rephrased_as_often_as_they_may(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    (note,) = [note for commit in found.assign(rephrase(share=0.9)) for note in commit.notes]
    assert note.startswith("all documents that a strategy applies to, rephrase.choice.variants (2) times each, give")
    with_text = [document for document in found.documents if document.tokens]
    assert len(found.assigned) >= 2 * len(with_text) - 1
    times = Counter(document.doc_id for document, _ in found.assigned)
    assert max(times.values()) == 2


@pytest.mark.parametrize(
    ("changed", "belongs"),
    [
        ({"languages": ("de", "fr")}, lambda document: document.language == "de"),
        ({"least_tokens": 80}, lambda document: document.tokens >= 80),
        ({"numbers": 5.0}, lambda document: document.doc_id % 10 >= 5),
    ],
)
def test_a_strategy_is_taken_where_it_applies_only(tmp_path: Path, changed: dict[str, Any], belongs: Any) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.3), (strategy("all"), strategy("some", **changed)))
    names = Counter(name for document, name in found.assigned if belongs(document))
    others = Counter(name for document, name in found.assigned if not belongs(document))
    assert others["some"] == 0 < others["all"]
    assert names["some"] == pytest.approx(names["all"], rel=0.1)


def test_a_strategy_for_a_class_takes_the_documents_whose_quality_is_of_that_class(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.2), (strategy("low", quality=("low",)), strategy("rest", quality=CLASSES[1:])))
    low, rest = ([document for document, name in found.assigned if name == one] for one in ("low", "rest"))
    assert max(document.quality for document in low) <= min(document.quality for document in rest)
    tokens = sum(document.tokens for document in found.documents if document.quality <= max(one.quality for one in low))
    assert tokens / sum(document.tokens for document in found.documents) == pytest.approx(0.35, abs=0.02)


def test_a_document_that_no_strategy_applies_to_is_left_alone(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    commits = found.assign(rephrase(), (strategy("long", least_tokens=10_000),))
    assert found.assigned == []
    assert not (tmp_path / "assign/assigned").exists()
    assert sum(commit.counts.get("documents_out", 0) for commit in commits) == len(found.documents)


@pytest.mark.parametrize(
    ("choice", "belongs", "times"),
    [
        ({"language": {"de": 3.0}}, lambda document: document.language == "de", 3),
        ({"source": {"books": 0.5, "other": 2.0}}, lambda document: document.source == "books", 0.25),
        ({"language": {"en": 0.0}}, lambda document: document.language == "en", 0),
        ({"quality": {"high": 4.0}}, lambda document: document.quality > 0.96, 4),
        ({"theme": {"0": 3.0}}, lambda document: document.theme_id == 0, 3),
        ({"concept": {"0": 0.0, "1": 2.0, "other": 0.5}}, lambda document: document.concept == 1, 4),
    ],
)
def test_weights_say_how_much_more_of_a_kind_is_taken(
    tmp_path: Path, choice: dict[str, Any], belongs: Any, times: float
) -> None:
    found = Corpus(tmp_path, documents(4, 6000), (6000,), [1000] * CONCEPTS)
    found.assign(rephrase(share=0.1, choice=Choice(gaps=1.0, **choice)))
    chosen = Counter(belongs(document) for document, _ in found.assigned)
    never = {int(number) for number, weight in choice.get("concept", {}).items() if weight == 0}
    known = Counter(belongs(one) for one in found.documents if one.tokens and one.concept not in never)
    assert chosen[True] / known[True] == pytest.approx(times * chosen[False] / known[False], rel=0.15)


def test_concepts_that_lack_text_come_first_up_to_so_many_times(tmp_path: Path) -> None:
    """All should have 1,000 tokens: by how much one has less, so much more likely are its documents."""
    found = Corpus(tmp_path, documents(4, 9000), (9000,), [3350, 1000, 1000, 500, 100, 50])
    found.assign(rephrase(share=0.1, choice=Choice(gaps=4.0)))
    chosen = Counter(document.concept for document, _ in found.assigned)
    known = Counter(document.concept for document in found.documents if document.tokens)
    rates = [chosen[concept] / known[concept] for concept in range(CONCEPTS - 1)]
    assert [rate / rates[0] for rate in rates[:4]] == pytest.approx([1, 1, 1, 2], rel=0.15)
    assert rates[4] / rates[0] == pytest.approx(4, rel=0.3)


def test_inside_each_concept_no_strategy_is_above_its_share(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.15, choice=Choice(variants=1)))
    for shard in (found.shards[0], found.shards[2]):
        for concept in range(CONCEPTS):
            names = [name for one, name in found.assigned if one.concept == concept and one.doc_id >> 24 == shard]
            for used in THREE:
                assert abs(names.count(used.name) - len(names) * used.weight / 10) < 1 + 1e-6


def test_a_document_with_two_variants_has_two_strategies_by_their_shares(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.45), (*THREE, strategy("rare", weight=0.1)))
    times = Counter(document.doc_id for document, _ in found.assigned)
    assert set(times.values()) == {1, 2}
    names = Counter(name for document, name in found.assigned if times[document.doc_id] == 1)
    assert names["clear"] / names.total() == pytest.approx(5 / 10.1, abs=0.02)
    names = Counter(name for document, name in found.assigned if times[document.doc_id] == 2)
    assert names["clear"] / names.total() == pytest.approx(5 / 10.1, abs=0.02)
    assert 0 < names["rare"] / names.total() == pytest.approx(0.1 / 10.1, abs=0.005)


@pytest.mark.parametrize("cap", [0.0, 0.1, 0.3])
def test_conversations_are_no_more_than_their_share_of_the_synthetic_tokens(tmp_path: Path, cap: float) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.25, conversation_share=cap), (*THREE, TALK))
    spoken = found.plan["strategies"]["talk"]["share"]
    assert spoken == pytest.approx(cap, abs=0.02)
    assert found.plan["share"] == pytest.approx(0.25, rel=0.03)
    names = Counter(name for _, name in found.assigned)
    assert names["dense"] / (names.total() - names["talk"]) == pytest.approx(0.3, abs=0.02)


def test_conversations_below_their_share_have_their_weight(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.25, conversation_share=0.9), (*THREE, TALK))
    assert found.plan["strategies"]["talk"]["share"] == pytest.approx(0.5, abs=0.01)


def test_where_only_conversations_apply_they_keep_their_share_of_all(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.25, conversation_share=0.05), (strategy("german", languages=("de",)), TALK))
    assert found.plan["strategies"]["talk"]["share"] == pytest.approx(0.05, abs=0.01)


def test_the_order_in_which_sums_meet_does_not_show(tmp_path: Path) -> None:
    plain, parts = (corpus(tmp_path / name) for name in ("plain", "parts"))
    asked, used = rephrase(share=0.3, limits=Limits(requests=1500)), (*THREE, TALK)
    plain.assign(asked, used)
    work = parts.work(asked, used)
    backwards = work.shards[::-1]
    work.rows.ranking.conclude_quantiles(together(work.sampled, backwards))
    halves = [group_sums(work.supply(shard)) for shard in backwards]
    work.conclude_rates(group_sums(pa.concat_tables(halves)).sort_by([("strategy", "descending")]))
    halves = [drawn_sums(work.drawn_at_rungs(shard)) for shard in backwards]
    work.conclude_plan(drawn_sums(pa.concat_tables(halves)).sort_by([("strategy", "descending")]))
    for shard in backwards:
        parts.work(asked, used).assign(shard)
    assert parts.files() == plain.files()


def test_what_is_done_is_not_done_again_and_what_is_lost_comes_back_the_same(tmp_path: Path) -> None:
    found = corpus(tmp_path)
    found.assign(rephrase(share=0.1))
    expected = found.files()
    done = frozenset({"quantiles", "rates", "plan", *(commit.name for commit in found.assign(rephrase(share=0.1)))})
    assert list(found.work(rephrase(share=0.1), THREE).at_once(done)) == []
    lost = sorted(name for name in expected if name.startswith("assigned"))[1]
    found.own.folder.delete(lost)
    commits = list(found.work(rephrase(share=0.1), THREE).at_once(frozenset({"quantiles", "rates", "plan"})))
    assert len(commits) == 2
    assert found.files() == expected


def test_another_seed_takes_other_documents(tmp_path: Path) -> None:
    one, other = (corpus(tmp_path / str(seed)) for seed in (1, 2))
    one.assign(rephrase(share=0.1, seed=1))
    other.assign(rephrase(share=0.1, seed=2))
    first, second = ({document.doc_id for document, _ in found.assigned} for found in (one, other))
    assert len(first & second) < 0.5 * len(first)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def run_step(folder: Path, exchange_bytes: int, used: Sequence[Strategy] = (*THREE, TALK)) -> Corpus:
    found = Corpus(folder, documents(4, 300), (100, 0, 200))
    asked = rephrase(share=0.3, limits=Limits(requests=150))
    step.run(found.job(exchange_bytes), rephrase=asked, strategies=used)
    return found


def test_stages_and_one_task_give_the_same_and_are_not_done_twice(cluster: None, tmp_path: Path) -> None:
    held, staged = run_step(tmp_path / "held", 1 << 40), run_step(tmp_path / "staged", 0)
    plain = Corpus(tmp_path / "plain", documents(4, 300), (100, 0, 200))
    plain.assign(rephrase(share=0.3, limits=Limits(requests=150)), (*THREE, TALK))
    assert len(held.assigned) > 50
    assert plain.files() == held.files() == staged.files()
    before = rounds(tmp_path / "staged/assign"), (tmp_path / "staged/assign" / PLAN).stat().st_mtime_ns
    run_step(tmp_path / "staged", 0)
    assert (rounds(tmp_path / "staged/assign"), (tmp_path / "staged/assign" / PLAN).stat().st_mtime_ns) == before


@pytest.mark.parametrize("exchange_bytes", [0, 1 << 40])
def test_killed_after_any_round_it_ends_with_the_same_files(cluster: None, tmp_path: Path, exchange_bytes: int) -> None:
    whole = run_step(tmp_path / "whole", 0).files()
    names = rounds(tmp_path / "whole/assign")
    assert names[:3] == ["quantiles", "rates", "plan"]
    for last in names[:-1]:
        killed_after(last, tmp_path / "whole/assign", tmp_path / last / "assign")
        assert run_step(tmp_path / last, exchange_bytes).files() == whole


def test_nothing_to_rephrase_is_planned_in_stages_as_in_one_task(cluster: None, tmp_path: Path) -> None:
    long = (strategy("long", least_tokens=10_000),)
    held, staged = run_step(tmp_path / "held", 1 << 40, long), run_step(tmp_path / "staged", 0, long)
    assert staged.plan["assigned"] == 0
    assert held.files() == staged.files()


def test_no_document_needs_no_plan(tmp_path: Path) -> None:
    found = Corpus(tmp_path, [], (0,))
    step.run(found.job(), rephrase=rephrase())
    assert found.own.committed() == {}


def test_documents_without_text_or_quality_are_counted_and_not_rephrased(tmp_path: Path) -> None:
    few = documents(3, 20)
    for document in few:
        document.text, document.quality = "", float("nan")
    found = Corpus(tmp_path, few, (20,))
    found.assign(rephrase())
    assert found.assigned == []
    assert found.plan["original_tokens"] == 0


def test_what_decides_is_known_without_the_engine() -> None:
    plain = step.settings_of(rephrase())
    assert plain == step.settings_of(Rephrase(http=HttpEngine(url="http://other/v1", model="x"), in_output=False))
    assert plain != step.settings_of(rephrase(share=0.3))
    assert plain != step.settings_of(rephrase(strategies={"easy": 1.0}))
    assert step.settings_of(rephrase(strategies={"easy": 1.0})) != step.settings_of(rephrase(strategies={"easy": 2.0}))
    json.dumps(plain)


@given(st.floats(1e-9, 1e9))
def test_levels_are_weights_within_a_hundredth_and_whole_ones_of_two(weight: float) -> None:
    (found,) = weights_of(levels(np.array([weight])))
    assert found == pytest.approx(weight, rel=0.011)
    assert weights_of(levels(np.array([0.5, 1.0, 8.0]))).tolist() == [0.5, 1.0, 8.0]


BESIDE_MEDIA = (*THREE, strategy("caption", style="caption"), strategy("tags", style="caption", weight=3.0))


def with_captions(folder: Path, count: int = 3000) -> Corpus:
    return Corpus(folder, documents(4, count), (count // 3, 0, count - count // 3), captions="books")


def test_captions_are_rephrased_once_whatever_the_share_but_those_that_stay(tmp_path: Path) -> None:
    found = with_captions(tmp_path)
    found.assign(rephrase(share=0.1, original_captions=0.2), BESIDE_MEDIA)
    ways = [(document, name) for document, name in found.assigned if name in ("caption", "tags")]
    captions = [document for document in found.documents if document.source == "books" and document.tokens]
    assert all(document.source == "books" for document, _ in ways)
    assert len({document.doc_id for document, _ in ways}) == len(ways) == pytest.approx(0.8 * len(captions), rel=0.07)
    assert Counter(name for _, name in ways)["tags"] == pytest.approx(0.75 * len(ways), rel=0.07)
    assert all(document.source != "books" for document, name in found.assigned if name in {"clear", "dense", "easy"})
    assert found.plan["share"] == pytest.approx(0.1, rel=0.05)
    assert found.plan["share"] <= 0.1


def test_captions_come_first_where_a_limit_binds_and_never_pass_it(tmp_path: Path) -> None:
    found = with_captions(tmp_path)
    commits = found.assign(rephrase(share=0.1, limits=Limits(requests=300)), BESIDE_MEDIA)
    assert 250 < found.plan["requests"] <= 300
    assert {name for _, name in found.assigned} == {"caption", "tags"}
    (note,) = [note for commit in commits for note in commit.notes]
    assert "of the captions, and for no other text" in note


def test_what_captions_leave_of_a_limit_is_for_documents(tmp_path: Path) -> None:
    found = with_captions(tmp_path)
    found.assign(rephrase(share=0.4, limits=Limits(requests=4_000)), BESIDE_MEDIA)
    assert found.plan["captions"] == 1.0
    assert 3_900 < found.plan["requests"] <= 4_000
    assert {name for _, name in found.assigned} == {strategy.name for strategy in BESIDE_MEDIA}


def test_a_corpus_of_captions_alone_has_nothing_to_say_of_shares(tmp_path: Path) -> None:
    texts = [document for document in documents(4, 300) if document.source == "books"]
    found = Corpus(tmp_path, texts, (len(texts),), captions="books")
    commits = found.assign(rephrase(), BESIDE_MEDIA)
    assert found.plan["assigned"] > 0
    assert [note for commit in commits for note in commit.notes] == []
