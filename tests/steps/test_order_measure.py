"""What the step `order` takes as the difficulty of texts: `loss` by models that have not seen them, the others by text alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.sequence import Sequence as TrainingOrder
from curator.steps.draws import Draw
from curator.steps.gather import together
from curator.steps.order_measure import PROXY, PROXY_CHARACTERS, PROXY_DOCUMENTS, Measuring
from curator.steps.order_rows import OrderRows
from curator.steps.samples import mixed
from curator.text.difficulty import difficulty
from tests import corpus as words
from tests.steps.ordered import Corpus, Document, documents, stages

LOSS = stages((0.0, {}), order="ascending", difficulty="loss")


def prose(count: int, seed: int = 1) -> list[Document]:
    chooser, found = random.Random(seed), documents(4, count, copies=(1,))
    for document in found:
        document.text = words.document(chooser, chooser.choice(sorted(words.TOPICS)), 8)
    return found


def losses(folder: Path, found: Sequence[Document], sequence: TrainingOrder = LOSS) -> dict[int, float]:
    """The difficulty of each document by its place in `found`."""
    corpus = Corpus(folder, found, (len(found) // 3, len(found) - len(found) // 3))
    rows = OrderRows(folder=corpus.own, inputs=corpus.inputs, sequence=sequence)
    corpus.measured(rows, corpus.shards)
    table = pa.concat_tables([corpus.own.read("difficulty", shard) for shard in corpus.shards])
    assert table["doc_id"].to_pylist() == [document.doc_id for document in found]
    return dict(enumerate(table["difficulty"].to_pylist()))


def halves(found: Sequence[Document], sequence: TrainingOrder = LOSS) -> list[int]:
    """To which half of the sample each document belongs."""
    hashed = mixed(np.array([document.doc_id for document in found], np.uint64), sequence.seed + Draw.PROXY_HALVES)
    half: list[int] = (hashed >> np.uint64(63)).tolist()
    return half


def test_a_text_of_rare_words_is_harder_than_one_of_common_phrases(tmp_path: Path) -> None:
    found, phrases = prose(300), [words.sentence(random.Random(number), "garden") for number in range(20)]
    for place, document in enumerate(found):
        document.text += "\n" + phrases[place % 20]
    found[10].text = " ".join(phrases)
    found[11].text = "Quixotic zephyrs bewilder jaundiced oxen; phlegmatic wyverns juggle azure xylophones."
    loss = losses(tmp_path, found)
    order = sorted(loss, key=lambda place: loss[place])
    assert order[0] == 10
    assert order[-1] == 11


def test_no_document_is_measured_by_a_model_that_has_seen_it(tmp_path: Path) -> None:
    """Another text in one document changes what those of the other half cost, and none of its own but itself."""
    found = prose(120)
    before = losses(tmp_path / "before", found)
    found[50].text = prose(1, seed=9)[0].text * 3
    after = losses(tmp_path / "after", found)
    half = halves(found)
    changed = [place for place in before if before[place] != after[place]]
    assert {half[place] for place in changed if place != 50} == {1 - half[50]}
    assert len(changed) > 30
    assert 20 < sum(half) < 100


def test_a_text_that_is_found_again_in_the_other_half_is_easy(tmp_path: Path) -> None:
    found = prose(120)
    losses(tmp_path / "first", found)  # gives them their ids
    half = halves(found)
    one, same, other = 0, half.index(half[0], 1), half.index(1 - half[0])
    strange = "Quixotic zephyrs bewilder jaundiced oxen; phlegmatic wyverns juggle azure xylophones. " * 2
    for place in (one, same):
        found[place].text = strange
    alone = losses(tmp_path / "alone", found)
    found[other].text = strange
    met = losses(tmp_path / "met", found)
    assert alone[one] == alone[same] > met[one] + 5
    assert met[one] == met[same]


def test_documents_outside_the_sample_are_measured_by_their_hash_as_well(tmp_path: Path) -> None:
    found = prose(600)
    corpus = Corpus(tmp_path, found, (200, 400))
    rows = OrderRows(folder=corpus.own, inputs=corpus.inputs, sequence=LOSS)
    measuring = Measuring(rows=rows, documents=4 * PROXY_DOCUMENTS)  # so about every fourth is in the sample
    sample = together(measuring.sampled, corpus.shards)
    assert sample.schema.names == ["key", "text"]
    assert 100 < sample.num_rows < 200
    assert measuring.conclude_proxy(sample).counts == {"proxy_documents": sample.num_rows}
    for shard in corpus.shards:
        measuring.measure(shard)
        assert np.isfinite(corpus.own.read("difficulty", shard)["difficulty"].to_numpy()).all()


def test_the_rows_of_the_sample_may_come_in_any_order(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, prose(200), (60, 140))
    measuring = Measuring(
        rows=OrderRows(folder=corpus.own, inputs=corpus.inputs, sequence=LOSS), documents=len(corpus.documents)
    )
    sample = together(measuring.sampled, corpus.shards)
    models = []
    for rows in (sample, sample.take(pa.array(np.random.default_rng(1).permutation(sample.num_rows)))):
        measuring.conclude_proxy(rows)
        models.append(corpus.own.read_bytes(PROXY))
    assert models[0] == models[1]


def test_only_the_beginning_of_a_text_counts(tmp_path: Path) -> None:
    found = prose(60)
    found[7].text = ("the old house " * PROXY_CHARACTERS)[:PROXY_CHARACTERS]
    before = losses(tmp_path / "before", found)
    found[7].text += " zephyrs bewilder oxen" * 1000
    assert losses(tmp_path / "after", found) == before


def test_texts_without_words_have_no_loss_and_stand_somewhere(tmp_path: Path) -> None:
    found = prose(60)
    found[3].text, found[40].text = "", "?! 。"
    loss = losses(tmp_path / "loss", found)
    assert [place for place in loss if np.isnan(loss[place])] == [3, 40]
    corpus = Corpus(tmp_path / "all", found, (60,))
    corpus.put_in_order(LOSS)
    assert len({row["key"] for row in corpus.placed()}) == 60


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_documents_have_an_order_by_loss(tmp_path: Path, count: int) -> None:
    corpus = Corpus(tmp_path, prose(count), (count,))
    corpus.put_in_order(LOSS)
    assert len(corpus.placed()) == count


def test_other_measures_need_no_sample(tmp_path: Path) -> None:
    found = prose(30)
    asked = stages((0.0, {}), order="ascending", difficulty="compression")
    texts, languages = (pa.array([getattr(document, name) for document in found]) for name in ("text", "language"))
    assert list(losses(tmp_path, found, asked).values()) == difficulty(texts, languages, "compression").tolist()
    assert not (tmp_path / "order" / PROXY).exists()
