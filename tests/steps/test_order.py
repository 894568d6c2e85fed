"""Every copy gets a place of its own, mixtures come to what is asked, and orders inside stages are what they are called."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from curator.cluster import ray_cluster
from curator.config.schema import Resources
from curator.config.sequence import QUALITY_CLASSES
from curator.config.sequence import Sequence as TrainingOrder
from curator.steps import order as step
from curator.steps.order_files import CUTS, ORDER, Curriculum
from curator.steps.order_rows import WITHIN_LANGUAGE
from curator.steps.samples import mixed
from curator.text.difficulty import difficulty
from tests.steps.ordered import CONCEPTS, DIMENSIONS, Corpus, Document, documents, stages

HALVES = ((0.0, {}), (0.5, {}))
BEST_LAST = stages((0.0, {"source": {"books": 0.2}}), (0.8, {"source": {"books": 5.0}}))


def shuffled(folder: Path, sequence: TrainingOrder, count: int = 1500, **more: Any) -> list[dict[str, Any]]:
    corpus = Corpus(folder, documents(4, count, **more), (count // 3, 0, count - count // 3))
    corpus.put_in_order(sequence)
    return corpus.placed()


def share(rows: list[dict[str, Any]], belongs: Callable[[Document], bool]) -> float:
    """The part of the tokens of these copies whose documents belong."""
    tokens = [row["tokens"] for row in rows]
    return sum(row["tokens"] for row in rows if belongs(row["document"])) / sum(tokens)


def part(rows: list[dict[str, Any]], first: float, last: float) -> list[dict[str, Any]]:
    """The copies between two shares of all tokens."""
    reached = np.cumsum([row["tokens"] for row in rows])
    return [row for row, end in zip(rows, reached / reached[-1], strict=True) if first < end <= last]


@pytest.mark.parametrize("order", ["shuffle", "ascending", "descending", "interleave", "chain"])
def test_every_copy_has_one_place_in_every_order(tmp_path: Path, order: Any) -> None:
    corpus = Corpus(tmp_path, documents(4, 300), (100, 0, 199, 1))
    commits = corpus.put_in_order(stages(*HALVES, order=order))
    rows = corpus.placed()
    found = Counter((row["doc_id"], row["copy"]) for row in rows)
    assert found == Counter((document.doc_id, copy) for document in corpus.documents for copy in range(document.copies))
    assert all(row["tokens"] == row["document"].tokens for row in rows)
    assert len({row["key"] for row in rows}) == len(rows)
    assert sum(commit.counts.get("copies", 0) for commit in commits) == len(rows)
    assert sum(commit.counts.get("documents_in", 0) for commit in commits) == 300
    table = corpus.own.read("order", corpus.shards[0])
    assert table.schema.names == ["doc_id", "copy", "key", "group", "tokens"]
    ids = list(zip(table["doc_id"].to_pylist(), table["copy"].to_pylist(), strict=True))
    assert ids == sorted(ids)


def test_a_shuffle_is_uniform_and_another_with_another_seed(tmp_path: Path) -> None:
    rows, others = (shuffled(tmp_path / str(seed), TrainingOrder(seed=seed)) for seed in (1, 2))
    histogram = np.histogram([row["position"] for row in rows], 10, (0, 1))[0]
    assert abs(histogram / len(rows) - 0.1).max() < 0.02
    assert [row["doc_id"] for row in rows] != [row["doc_id"] for row in others]


@pytest.mark.parametrize("order", ["shuffle", "ascending"])
def test_documents_that_earlier_steps_drew_by_the_same_seed_stand_everywhere(tmp_path: Path, order: Any) -> None:
    """Of 6,000 documents those of small hashes have stayed, as with budgets.fill random or quality.temperature."""
    found = documents(4, 6000, copies=(1,))
    corpus = Corpus(tmp_path / "all", found, (6000,))
    hashed = mixed(np.array([document.doc_id for document in found], np.uint64), 1)
    for document, value in zip(found, hashed, strict=True):
        document.copies = int(value < 2**61)
        document.quality = 0.5
    corpus._write(corpus.shards[0], found)  # of the others there is no copy
    corpus.put_in_order(stages(*HALVES, order=order, difficulty="quality"))
    rows = corpus.placed()
    histogram = np.histogram([row["position"] for row in rows], 5, (0, 1))[0]
    assert len(rows) > 650
    assert abs(histogram / len(rows) - 0.2).max() < 0.05


def test_copies_of_a_document_are_as_far_apart_as_the_share_of_their_group_allows(tmp_path: Path) -> None:
    rows = shuffled(tmp_path, BEST_LAST)
    of_all = sum(row["tokens"] for row in rows)
    group_share = {
        number: sum(row["tokens"] for row in rows if row["group"] == number) / of_all
        for number in {row["group"] for row in rows}
    }
    places = defaultdict(list)
    for row in rows:
        places[row["doc_id"]].append(row["position"])
    groups = {row["doc_id"]: row["group"] for row in rows}
    several = {document: found for document, found in places.items() if len(found) > 1}
    assert len(several) > 300
    for document, found in several.items():
        assert min(np.diff(found)) >= group_share[groups[document]] / len(found) - 1e-9


@pytest.mark.parametrize(
    ("mixture", "belongs"),
    [
        ({"source": {"books": 5.0}}, lambda document: document.source == "books"),
        ({"source": {"books": 0.2, "web": 0.2}}, lambda document: document.source is None),
        ({"language": {"de": 6.0, "other": 0.5}}, lambda document: document.language == "de"),
        ({"theme": {"0": 0.25}}, lambda document: document.theme_id != 0),
    ],
)
def test_a_stage_has_the_mixture_that_was_asked_for(
    tmp_path: Path, mixture: dict[str, dict[str, float]], belongs: Callable[[Document], bool]
) -> None:
    corpus = Corpus(tmp_path, documents(4, 3000), (3000,))
    corpus.put_in_order(stages((0.0, {}), (0.8, mixture)))
    rows, curriculum = corpus.placed(), Curriculum.read(corpus.own)
    groups = {row["group"]: belongs(row["document"]) for row in rows}
    mine = [number for number, inside in groups.items() if inside]
    for first, last in ((0.0, 0.8), (0.8, 1.0)):
        slices = (curriculum.edges[:-1] >= first - 1e-9) & (curriculum.edges[1:] <= last + 1e-9)
        asked = curriculum.mixture[slices][:, mine].sum() / curriculum.mixture[slices].sum()
        assert share(part(rows, first, last), belongs) == pytest.approx(asked, abs=0.05)  # a thousand copies: 3 sigma
    early, late = (share(part(rows, *bounds), belongs) for bounds in ((0.0, 0.8), (0.8, 1.0)))
    assert late > early + 0.1


def test_classes_of_quality_are_shares_of_the_tokens_from_the_worst_to_the_best(tmp_path: Path) -> None:
    rows = shuffled(tmp_path, stages((0.0, {"quality": dict.fromkeys(QUALITY_CLASSES, 1.0)})), 3000, copies=(1,))
    title = order_json(tmp_path)["groups"]
    by_class = {name: [row for row in rows if title[row["group"]] == f"quality {name}"] for name in QUALITY_CLASSES}
    tokens = sum(row["tokens"] for row in rows)
    shares = [sum(row["tokens"] for row in found) / tokens for found in by_class.values()]
    assert shares == pytest.approx([0.35, 0.25, 0.3, 0.05, 0.05], abs=0.01)
    for worse, better in pairwise(by_class.values()):
        assert max(row["document"].quality for row in worse) <= min(row["document"].quality for row in better)


def order_json(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "order" / ORDER).read_text())
    return found


@pytest.mark.parametrize("measure", ["length", "quality", "distance", "compression"])
def test_the_hard_third_comes_late_by_any_measure(tmp_path: Path, measure: Any) -> None:
    asked = stages((0.0, {"difficulty": {"hard": 0.0}}), (0.5, {"difficulty": {"easy": 0.1}}), difficulty=measure)
    rows = shuffled(tmp_path, asked, copies=(1,))
    values, tokens = measured(rows, measure), np.array([row["tokens"] for row in rows])
    names = order_json(tmp_path)["groups"]
    groups = np.array([names[row["group"]].removeprefix("difficulty ") for row in rows])
    assert set(groups) == {"easy", "hard", "other"}
    for compared in comparable(rows, measure):
        known = compared & ~np.isnan(values)
        easy, other, hard = (values[known & (groups == name)] for name in ("easy", "other", "hard"))
        assert easy.max() <= other.min() <= other.max() <= hard.min()
        assert tokens[compared & (groups == "hard")].sum() / tokens[compared].sum() == pytest.approx(1 / 3, abs=0.02)
    early = np.cumsum(tokens) <= 0.49 * tokens.sum()
    assert tokens[(groups == "hard") & early].sum() == 0


def comparable(rows: list[dict[str, Any]], measure: str) -> list[npt.NDArray[np.bool_]]:
    """Which copies are compared with each other: those of a language each, or all."""
    if measure not in WITHIN_LANGUAGE:
        return [np.ones(len(rows), np.bool_)]
    language = np.array([row["document"].language for row in rows])
    return [language == one for one in np.unique(language)]


def measured(rows: list[dict[str, Any]], measure: Any) -> np.ndarray[Any, Any]:
    found = [row["document"] for row in rows]
    if measure in ("quality", "distance"):
        return np.array([getattr(document, measure) for document in found])
    texts, languages = (pa.array([getattr(one, name) for one in found]) for name in ("text", "language"))
    return np.asarray(difficulty(texts, languages, measure), dtype=np.float64)


def test_equal_qualities_keep_the_mixture(tmp_path: Path) -> None:
    """What has one value falls into classes by lot, and that lot must not be the one that gives places."""
    found = documents(4, 3000, copies=(1,))
    for document in found:
        document.quality = 1.0
    corpus = Corpus(tmp_path, found, (3000,))
    corpus.put_in_order(stages((0.0, {"quality": {"low": 1.0}})))
    rows = corpus.placed()
    low = [row["position"] for row in rows if row["group"] == 0]
    assert len(low) == pytest.approx(0.35 * 3000, rel=0.1)
    assert abs(np.histogram(low, 5, (0, 1))[0] / len(low) - 0.2).max() < 0.05


@pytest.mark.parametrize(
    ("order", "difficulty"),
    [("ascending", "length"), ("descending", "quality"), ("ascending", "distance"), ("descending", "compression")],
)
def test_difficulty_goes_one_way_inside_each_stage(tmp_path: Path, order: Any, difficulty: Any) -> None:
    rows = shuffled(tmp_path, stages(*HALVES, order=order, difficulty=difficulty), copies=(1,))
    values = measured(rows, difficulty) * (1 if order == "ascending" else -1)
    positions = np.array([row["position"] for row in rows])
    for inside in (positions < 0.5, positions >= 0.5):
        known = inside & ~np.isnan(values)
        assert known.sum() > 600
        for compared in comparable(rows, difficulty):
            assert (np.diff(values[known & compared]) >= 0).all()


def in_two_languages(folder: Path, sequence: TrainingOrder) -> list[dict[str, Any]]:
    """Texts of which those in German, some 600 of 2,000, repeat themselves more: by no measure their thirds are those of all."""
    chooser, found = random.Random(6), documents(4, 2000, copies=(1,))
    for document in found:
        repeated, words = "abcdefghi"[chooser.randrange(9)] + " ", "".join(chooser.choices("etaoinshrdlu ", k=500))
        share_of_words = chooser.randrange(10, 50) + (50 if document.language == "en" else 0)
        document.text = words[: 5 * share_of_words] + repeated * (300 - 3 * share_of_words)
    corpus = Corpus(folder, found, (700, 0, 1300))
    corpus.put_in_order(sequence)
    return corpus.placed()


@pytest.mark.parametrize("difficulty", WITHIN_LANGUAGE)
def test_each_class_of_difficulty_is_a_third_of_every_language(tmp_path: Path, difficulty: Any) -> None:
    classes = dict.fromkeys(("easy", "medium", "hard"), 1.0)
    rows = in_two_languages(tmp_path, stages((0.0, {"difficulty": classes}), difficulty=difficulty))
    names = order_json(tmp_path)["groups"]
    for language in ("de", "en"):
        mine = [row for row in rows if row["document"].language == language]
        tokens = Counter[str]()
        for row in mine:
            tokens[names[row["group"]].removeprefix("difficulty ")] += row["tokens"]
        assert [tokens[name] / tokens.total() for name in classes] == pytest.approx([1 / 3] * 3, abs=0.01)


def test_a_stage_that_rises_inside_each_language_mixes_languages_evenly(tmp_path: Path) -> None:
    rows = in_two_languages(tmp_path, stages((0.0, {}), order="ascending"))
    of_all = share(rows, lambda document: document.language == "de")
    for place in range(10):
        tenth = part(rows, place / 10, (place + 1) / 10)
        assert share(tenth, lambda document: document.language == "de") == pytest.approx(of_all, abs=0.08)


def test_length_is_compared_over_all_languages(tmp_path: Path) -> None:
    found = documents(4, 2000, copies=(1,))
    for document in found:
        document.language = "de" if document.bytes < 200 else "en"
    corpus = Corpus(tmp_path, found, (2000,))
    corpus.put_in_order(stages((0.0, {}), order="ascending", difficulty="length"))
    languages = [row["document"].language for row in corpus.placed()]
    assert languages == sorted(languages)


def test_copies_in_one_stage_are_read_turn_by_turn(tmp_path: Path) -> None:
    rows = shuffled(tmp_path, stages((0.0, {}), order="ascending", difficulty="quality"), copies=(3,))
    thirds = [[row for row in rows if turn / 3 <= row["position"] < (turn + 1) / 3] for turn in range(3)]
    for found in thirds:
        quality = [row["document"].quality for row in found]
        assert quality == sorted(quality)
        assert len(found) == len({row["doc_id"] for row in found}) == len(rows) / 3


def test_interleaved_concepts_stand_evenly_spaced_in_each_stage(tmp_path: Path) -> None:
    rows = shuffled(tmp_path, stages((0.0, {}), (0.6, {"source": {"books": 3.0}}), order="interleave"))
    for first, last in ((0.0, 0.6), (0.6, 1.0)):
        inside = [row for row in rows if first <= row["position"] < last]
        for concept in range(CONCEPTS - 1):
            mine = [row["position"] for row in inside if row["document"].concept == concept]
            assert len(mine) > 3
            assert np.diff(mine) == pytest.approx((last - first) / len(mine))
    following = Counter(one["document"].concept == two["document"].concept for one, two in pairwise(rows))
    concepts = Counter(row["document"].concept for row in rows)
    assert following[True] <= max(concepts.values()) - sorted(concepts.values())[-2] + 2


def test_a_chain_passes_concept_after_concept_in_each_stage(tmp_path: Path) -> None:
    rows = shuffled(tmp_path, stages(*HALVES, order="chain"), copies=(1,))
    for first, last in ((0.0, 0.5), (0.5, 1.0)):
        concepts = [row["document"].concept for row in rows if first <= row["position"] < last]
        changes = sum(one != two for one, two in pairwise(concepts))
        assert changes == len(set(concepts)) - 1 > 2


def test_mixtures_go_linearly_from_stage_to_stage(tmp_path: Path) -> None:
    asked = stages((0.0, {"source": {"books": 0.0}}), (0.9, {"source": {"books": 4.0}}), transition="linear")
    rows = shuffled(tmp_path, asked, 3000)
    shares = [
        share(part(rows, place / 5, (place + 1) / 5), lambda document: document.source == "books") for place in range(5)
    ]
    assert all(one + 0.03 < two for one, two in pairwise(shares))
    found, asked_tokens = (np.array(order_json(tmp_path)[name]) for name in ("measured_tokens", "asked_tokens"))
    fifths = [tokens.reshape(5, 20, 2).sum(axis=1) for tokens in (found, asked_tokens)]
    assert abs(np.subtract(*(one / one.sum(axis=1, keepdims=True) for one in fifths))).max() < 0.03


def test_too_little_of_what_is_wanted_fills_up_and_says_how_much(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(4, 400), (400,))
    commits = corpus.put_in_order(stages((0.0, {}), (0.2, {"source": {"books": 1.0, "other": 0.0}})))
    notes = [note for commit in commits for note in commit.notes]
    assert len(notes) == 1
    assert notes[0].startswith("stage 0.2: ")
    assert notes[0].endswith("% of it is text of weight 0, for there is not enough of the rest")


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def files(corpus: Corpus) -> dict[str, bytes]:
    names = [f"order/{name}" for name in (corpus.own.folder / "order").names()]
    return {name: corpus.own.read_bytes(name) for name in [*names, CUTS, ORDER]}


@pytest.mark.parametrize(
    "sequence",
    [
        stages(
            (0.0, {"quality": {"high": 0.5}}),
            (0.7, {"difficulty": {"hard": 3.0}}),
            order="interleave",
            difficulty="loss",
        ),
        stages(*HALVES, order="chain"),
    ],
    ids=["interleave", "chain"],
)
def test_stages_and_one_task_give_the_same_and_are_not_done_twice(
    cluster: None, tmp_path: Path, sequence: TrainingOrder
) -> None:
    plain, held, staged = (
        Corpus(tmp_path / name, documents(3, 300), (100, 0, 200)) for name in ("plain", "held", "staged")
    )
    plain.put_in_order(sequence)
    for corpus, exchange_bytes in ((held, 1 << 30), (staged, 0)):
        step.run(corpus.job(exchange_bytes), sequence=sequence, shard_tokens=10_000, dimensions=DIMENSIONS)
    assert "ranks" in staged.own.committed()
    assert files(plain) == files(held) == files(staged)
    before = (tmp_path / "staged/order").stat().st_mtime_ns
    step.run(staged.job(0), sequence=sequence, shard_tokens=10_000, dimensions=DIMENSIONS)
    assert (tmp_path / "staged/order").stat().st_mtime_ns == before


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, documents(3, 300), (100, 200))
    corpus.put_in_order(BEST_LAST)
    expected = files(corpus)
    for name in ("order/" + (corpus.own.folder / "order").names()[1], CUTS, ORDER):
        corpus.own.folder.delete(name)
    rows = corpus.put_in_order(BEST_LAST)
    assert {commit.name for commit in rows} >= {"curriculum", "cuts"}
    assert files(corpus) == expected


def test_no_document_needs_no_order(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, [], (0,))
    step.run(corpus.job(), sequence=TrainingOrder(), shard_tokens=10, dimensions=DIMENSIONS)
    assert corpus.own.committed() == {}


def test_documents_without_any_token_have_places_as_well(tmp_path: Path) -> None:
    found = documents(3, 20)
    for document in found:
        document.text = ""
    corpus = Corpus(tmp_path, found, (20,))
    corpus.put_in_order(stages((0.0, {"source": {"books": 2.0}, "difficulty": {"easy": 2.0}}), order="chain"))
    assert len(corpus.placed()) == sum(document.copies for document in found)
    assert order_json(tmp_path)["largest_deviation"] == 0
