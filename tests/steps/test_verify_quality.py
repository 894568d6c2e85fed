"""Rewrites are judged by the models and the rule that judged the documents of the run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.config.entailment import Entailment
from curator.config.quality import Quality, Regressor
from curator.config.rephrase import Checks
from curator.models.quality_scorers import fit_models
from curator.rephrase.strategy import load_strategies
from curator.steps.quality import RULE, judged_by
from curator.steps.quality_rule import rule_of
from curator.steps.scores import scores_of
from curator.steps.verify import Work
from curator.steps.verify_checks import Rewrite, good_enough
from curator.store.step_folder import StepFolder
from tests.corpus import COMMON_WORDS, TOPICS, document
from tests.models.conftest import POSITIONS, SIZES, saved
from tests.steps.verify_corpus import FAITHFUL, SHARD, TEXTS, asked, verified, work

MODELS = ("classifier", "importance")
CUT = Quality(models=MODELS, keep_share=0.7)
DRAWN = Quality(
    models=MODELS, keep_share=0.7, temperature=1e6
)  # whatever its rank, a document stays with this probability
EACH = 600  # documents of either kind
SHOP = (
    "SALE SALE SALE of shoes and bags! CLICK HERE, click here, free shipping now! Home menu, login menu, cart menu, "
    "help menu! Shoes sale, bags sale, buy now, buy now! Free shipping, free shipping, click here!"
)
SHOUTED = (
    "Free shipping now, click here, CLICK HERE! Sale, sale, SALE: bags, shoes! Help menu, cart menu, login menu, home "
    "menu! Buy now, buy now: sale bags, sale shoes! Click here, free shipping, free shipping!"
)


def fragments(rng: random.Random) -> str:
    """Menus and shouts: pairs of words without a sentence, each again and again."""
    pool = [
        *COMMON_WORDS,
        *TOPICS["kitchen"],
        *"click here buy now menu sale free shipping home login cart help".split(),
    ]
    pairs = [" ".join(rng.choices(pool, k=2)) for _ in range(20)]
    return " ".join(f"{rng.choice(pairs)}, {rng.choice(pairs)}!" for _ in range(30))


def of(texts: Sequence[str]) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.large_string()), "language": ["en"] * len(texts)})


def judged_before(inputs: dict[str, StepFolder], quality: Quality) -> None:
    """Write models fitted on prose against fragments, and the rule of a corpus with anything from the one to the other."""
    rng = random.Random(5)
    prose = [document(rng, sorted(TOPICS)[number % 4], 16) for number in range(EACH)]
    rest = [fragments(rng) for _ in range(EACH)]
    for name, content in fit_models(quality.models, of(prose), of(rest), seed=1)[0].items():
        inputs["scores"].write_bytes(f"{name}.npz", content)
    cuts = [(number / EACH, one, other) for number, (one, other) in enumerate(zip(prose, rest, strict=True))]
    mixed = of([one[: int(cut * len(one))] + other[int(cut * len(other)) :] for cut, one, other in cuts])
    scores = scores_of(mixed["text"].combine_chunks(), mixed["language"].combine_chunks(), inputs["scores"], quality)
    rule = rule_of(scores.append_column("language", mixed["language"]), quality)
    inputs["quality"].write_bytes(RULE, rule.to_bytes())


def built(folder: Path, texts: Sequence[str], answers: Sequence[str | None], quality: Quality = CUT) -> Work:
    made = work(folder, texts, answers, asked(), quality=quality)
    judged_before(dict(made.inputs), quality)
    return made


def own_quality(made: Work, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """What the models and the rule say of these texts."""
    quality, rows = made.standards.quality, of(texts)
    assert quality is not None
    scores, rule = made.inputs["scores"], made.inputs["quality"]
    return judged_by(rows["text"].combine_chunks(), rows["language"], scores=scores, rule=rule, quality=quality)[0]


def test_a_rewrite_of_poor_text_goes_and_good_ones_stay_with_their_own_quality(tmp_path: Path) -> None:
    made = built(tmp_path, [*TEXTS, SHOP], [*FAITHFUL, SHOUTED])
    accepted, rejected, counts = verified(made)
    assert [(row["doc_id"], row["reason"]) for row in rejected] == [(3, "low_quality")]
    assert rejected[0]["value"] < 0.3
    assert [row["source_doc_id"] for row in accepted] == [0, 1, 2]
    own = own_quality(made, FAITHFUL)
    assert [row["quality"] for row in accepted] == own.tolist()
    assert min(own) > rejected[0]["value"]
    assert (counts["rewrites"], counts["accepted"], counts["rejected.low_quality"]) == (4, 3, 1)


def test_a_poor_rewrite_of_a_good_text_goes_too(tmp_path: Path) -> None:
    shouted = (
        "Bread dough, yeast, sugar, gas! Warm kitchens, cold kitchens, yeast work! Cool cellar, 18 hours, Lyon, bakers!"
    )
    _, rejected, _ = verified(built(tmp_path, TEXTS, [FAITHFUL[0], shouted, FAITHFUL[2]]))
    assert [(row["doc_id"], row["reason"]) for row in rejected] == [(1, "low_quality")]


def test_a_rewrite_that_something_else_speaks_against_is_not_judged(tmp_path: Path) -> None:
    accepted, rejected, _ = verified(built(tmp_path, [*TEXTS, SHOP], [None, None, None, SHOUTED + " 4711 bags!"]))
    assert accepted == []
    assert [row["reason"] for row in rejected] == ["failed"] * 3 + ["foreign_number"]


def test_without_models_of_quality_rewrites_have_none_of_their_own(tmp_path: Path) -> None:
    accepted, rejected, _ = verified(work(tmp_path, [*TEXTS, SHOP], [*FAITHFUL, SHOUTED], asked()))
    assert rejected == []
    assert [row["quality"] for row in accepted] == [None] * 4


def test_the_same_rewrites_are_judged_alike_wherever_and_however_often(tmp_path: Path) -> None:
    texts, answers = [TEXTS[0]] * 60, [FAITHFUL[0]] * 60
    first, second = (built(tmp_path / name, texts, answers, DRAWN) for name in ("first", "second"))
    tables = []
    for made in (first, first, second):
        made.check(SHARD)
        tables.append(made.folder.read("checked", SHARD))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert 10 < tables[0]["reason"].null_count < 60


def test_rewrites_are_drawn_with_the_probability_of_their_rank_each_strategy_apart(tmp_path: Path) -> None:
    made = built(tmp_path, TEXTS, FAITHFUL, DRAWN)
    easy = load_strategies(asked())[0]
    other = easy.model_copy(update={"name": "another"})
    rewrites = [
        Rewrite(document=number, strategy=strategy, source=TEXTS[0], language="en", text=FAITHFUL[0])
        for number in range(2_000)
        for strategy in (easy, other)
    ]
    judged = good_enough(rewrites, inputs=made.inputs, standards=made.standards)
    stays = [rewrite.reason is None for rewrite in judged]
    assert sum(stays[0::2]) / 2_000 == pytest.approx(0.7, abs=0.03)
    assert sum(stays[1::2]) / 2_000 == pytest.approx(0.7, abs=0.03)
    both = sum(one and two for one, two in zip(stays[0::2], stays[1::2], strict=True))
    assert both / 2_000 == pytest.approx(0.49, abs=0.04)
    assert good_enough(rewrites[::-1], inputs=made.inputs, standards=made.standards) == judged[::-1]


@pytest.mark.parametrize(
    ("embedder", "regressor", "entailment", "gpus"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 0.5, 0.0, 0.5),
        (0.25, 0.25, 0.25, 0.75),
        (1.0, 1.0, 1.0, 1.0),
        (0.5, 0.0, 1.0, 1.0),
        (2.0, 1.0, 0.5, 2.0),
    ],
)
def test_a_task_asks_for_the_gpus_of_all_its_models(
    tmp_path: Path, embedder: float, regressor: float, entailment: float, gpus: float
) -> None:
    checks = {"entailment": Entailment(model="some/classifier", gpus_per_actor=entailment)}
    models = {
        "embedding": Embedding(model="some/embedder", gpus_per_actor=embedder),
        "quality": Quality(regressor=Regressor(model="some/regressor", gpus_per_actor=regressor)),
    }
    rephrase = asked().model_copy(update={"checks": Checks(**checks)})
    assert replace(work(tmp_path, [], [], rephrase).standards, **models).gpus == gpus


def test_a_regressor_of_the_run_is_asked_too(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    sizes = {**SIZES, "intermediate_size": 32, "max_position_embeddings": POSITIONS, "initializer_range": 0.5}
    config = transformers.BertConfig(**sizes, num_labels=1)
    path = saved(tmp_path / "model", config)
    transformers.AutoModelForSequenceClassification.from_config(config).save_pretrained(path)
    quality = Quality(models=(), regressor=Regressor(model=path, max_tokens=POSITIONS))
    made = built(tmp_path, TEXTS, FAITHFUL, quality)
    accepted, rejected, _ = verified(made)
    assert rejected == []
    assert [row["quality"] for row in accepted] == own_quality(made, FAITHFUL).tolist()
    assert len({row["quality"] for row in accepted}) > 1
