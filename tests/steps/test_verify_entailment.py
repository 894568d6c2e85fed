"""A model that knows who paid whom rejects what has the right words in the wrong roles, and lets the rest through."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from curator.config import load_config
from curator.config.entailment import Entailment
from curator.config.rephrase import Rephrase
from curator.errors import ConfigError
from curator.preflight import check_rephrase
from curator.rephrase.strategy import load_strategies
from curator.steps.verify_checks import Rewrite
from curator.steps.verify_entailment import entailed
from tests.steps.verify_corpus import SHARD, asked, verified, work

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

PEOPLE = ["baker", "miller", "smith", "weaver"]
WORDS = "the paid in was by silver copper . ,".split()
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *PEOPLE, *WORDS]
LABELS = {0: "not_entailment", 1: "entailment"}


def source(payer: str, paid: str, metal: str) -> str:
    return f"The {payer} paid the {paid} in {metal}."


def said(payer: str, paid: str, metal: str) -> str:
    return f"In {metal}, the {paid} was paid by the {payer}."


CASES = [(*pair, metal) for pair in permutations(PEOPLE, 2) for metal in ("silver", "copper")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A BERT of two layers, 64 wide, trained for a second or two on who paid whom."""
    folder, before = tmp_path_factory.mktemp("entailment"), torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    tokenizer = transformers.BertTokenizer(
        vocab={token: place for place, token in enumerate(TOKENS)}, model_max_length=48
    )
    config = transformers.BertConfig(
        vocab_size=len(TOKENS),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=48,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
        id2label=LABELS,
        label2id={name: number for number, name in LABELS.items()},
    )
    network = transformers.BertForSequenceClassification(config)
    true = [(source(*case), said(*case), 1) for case in CASES]
    false = [(source(payer, paid, metal), said(paid, payer, metal), 0) for payer, paid, metal in CASES]
    texts, sentences, labels = zip(*true, *false, strict=True)
    given = tokenizer(list(texts), list(sentences), padding=True, return_tensors="pt")
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.0)
    for _ in range(300):
        loss = network(**given, labels=torch.tensor(labels)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if loss.item() < 0.01:
            break
    assert loss.item() < 0.1, "it has learned who paid whom"
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.set_num_threads(before)
    return str(folder)


def with_model(model: str, **more: float) -> Rephrase:
    found = asked().model_dump(mode="json")
    found["checks"]["entailment"] = {"model": model, "max_tokens": 48, **more}
    return Rephrase.model_validate_json(json.dumps(found))


def test_roles_that_are_swapped_are_told_from_those_that_are_not(tmp_path: Path, model: str) -> None:
    texts = [source(*case) for case in CASES]
    lies = CASES[::3]
    answers = [
        said(paid, payer, metal) if (payer, paid, metal) in lies else said(payer, paid, metal)
        for payer, paid, metal in CASES
    ]
    without, _, _ = verified(work(tmp_path / "without", texts, answers, asked()))
    assert len(without) == len(CASES), "the rules see nothing wrong"
    built = work(tmp_path / "with", texts, answers, with_model(model))
    accepted, rejected, _ = verified(built)
    ids = [row["source_doc_id"] for row in without]
    assert {row["doc_id"] for row in rejected} == {ids[place] for place in range(0, len(CASES), 3)}
    assert {row["reason"] for row in rejected} == {"not_entailed"}
    assert all(row["value"] < 0.5 and row["detail"].startswith("In ") for row in rejected)
    assert len(accepted) + len(rejected) == len(CASES)
    assert built.check(SHARD).counts["parts_left_out"] == len(lies)


def rewrite(text: str, answer: str, name: str = "easy") -> Rewrite:
    (strategy,) = load_strategies(asked().model_copy(update={"strategies": {name: 1.0}}))
    return Rewrite(document=1, strategy=strategy, source=text, language="en", answer=answer)


def test_the_sentence_that_follows_least_decides_and_is_shown(model: str) -> None:
    payer, paid, metal = CASES[0]
    honest, lie = said(payer, paid, metal), said(paid, payer, metal)
    asked_about = [rewrite(source(*CASES[0]), answer) for answer in (honest, f"{honest} {lie} {honest}")]
    judged = entailed(asked_about, entailment=Entailment(model=model, max_tokens=48))
    assert [one.reason for one in judged] == [None, "not_entailed"]
    assert judged[1].detail == lie


def test_questions_and_sentences_that_say_next_to_nothing_are_not_asked_about(model: str) -> None:
    payer, paid, metal = CASES[0]
    answer = f"Was the {payer} in {metal} paid by the {paid}?\n{metal.capitalize()}."
    (judged,) = entailed(
        [rewrite(source(*CASES[0]), answer)], entailment=Entailment(model=model, max_tokens=48, least=1.0)
    )
    assert judged.reason is None


def test_exercises_have_results_that_follow_from_nothing(model: str) -> None:
    payer, paid, metal = CASES[0]
    lie = said(paid, payer, metal)
    both = [rewrite(source(*CASES[0]), lie, name) for name in ("easy", "maths")]
    judged = entailed(both, entailment=Entailment(model=model, max_tokens=48))
    assert [one.reason for one in judged] == ["not_entailed", None]


def test_how_much_a_sentence_must_follow_is_set(tmp_path: Path, model: str) -> None:
    texts, answers = [source(*case) for case in CASES], [said(*case) for case in CASES]
    accepted, rejected, _ = verified(work(tmp_path, texts, answers, with_model(model, least=1.0)))
    assert len(accepted) < len(rejected)


def test_a_model_that_is_not_there_is_an_error_before_the_first_step(tmp_path: Path, model: str) -> None:
    config = tmp_path / "run.yaml"
    checks = "{entailment: {model: MODEL, label: LABEL}}"
    plain = f"""\
input: {{sources: [{{path: {tmp_path}/x.jsonl}}]}}
output: {{path: {tmp_path}/out}}
rephrase: {{http: {{url: "http://localhost:1/v1", model: m}}, checks: {checks}}}
"""
    for name, label, message in (
        ("/nowhere", "entailment", "the model /nowhere cannot be loaded"),
        (model, "yes", "no label yes"),
    ):
        config.write_text(plain.replace("MODEL", name).replace("LABEL", f'"{label}"'))
        rephrase = load_config(str(config)).rephrase
        assert rephrase is not None
        with pytest.raises(ConfigError, match=message):
            check_rephrase(rephrase)
