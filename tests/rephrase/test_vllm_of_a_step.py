"""The step `rephrase` with vLLM as engine, whole: requests, Ray's processor and stages, cache, lanes, answers.

What is not run is vLLM: a package of its names answers in its place (stand_in/), with a GPU that is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.config.engines import VllmEngine
from curator.config.rephrase import Rephrase
from curator.rephrase.chat_model import ChatModel
from curator.steps import rephrase as step
from curator.store.ids import shard_name
from tests.rephrase.small_chat_model import saved_chat_model
from tests.rephrase.vllm_stand_in import cluster_with_stand_in
from tests.steps.rephrase_corpus import Shards

pytest.importorskip("torch")
pytest.importorskip("transformers")

ASSIGNED = [[["easy"], ["easy", "dense"], []], [["dense"], ["dense", "easy"]], [[]]]


@pytest.fixture(scope="module", autouse=True)
def a_cluster() -> Iterator[None]:
    with cluster_with_stand_in():
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved_chat_model(tmp_path_factory.mktemp("model"))


def engine(model: str, window: int) -> Rephrase:
    return Rephrase(vllm=VllmEngine(model=model, batch_requests=2, engine={"max_model_len": window}))


def total(shards: Shards, counter: str) -> int:
    return sum(commit.counts[counter] for commit in shards.folder.committed().values())


def prompt_tokens(shards: Shards, model: str) -> dict[tuple[int, str], int]:
    """How long each prompt is, by document and strategy."""
    chat, asked = ChatModel(model), shards.requests(engine(model, 1))
    return {
        (document, strategy): len(chat.prompt([{"role": role, "content": said} for role, said in request.messages]))
        for (document, strategy, _), request in asked.items()
    }


def test_all_that_was_assigned_is_answered_through_the_graph_and_the_cache(tmp_path: Path, model: str) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    asked = engine(model, 10_000)
    step.run(shards.job(), rephrase=asked)
    assert sorted(shards.folder.committed()) == [shard_name(shard) for shard in shards.assigned]
    rows = shards.answers()
    expected = shards.requests(asked)
    assert [(row["doc_id"], row["strategy"], row["part"]) for row in rows] == sorted(expected)
    assert [row["key"] for row in rows] == [expected[place].key for place in sorted(expected)]
    assert {(row["outcome"], row["completion_tokens"]) for row in rows} == {("stop", 33)}
    assert {(row["doc_id"], row["strategy"]): row["prompt_tokens"] for row in rows} == prompt_tokens(shards, model)
    assert [total(shards, name) for name in ("requests", "sent", "cached", "failed")] == [6, 6, 0, 0]
    again = Shards(tmp_path, ASSIGNED)
    again.folder.folder.delete(f"commits/{shard_name(next(iter(shards.assigned)))}.json")
    step.run(again.job(), rephrase=asked)
    assert again.answers() == rows
    assert [total(again, name) for name in ("requests", "sent", "cached", "failed")] == [6, 3, 3, 0]


def test_what_vllm_refuses_fails_alone_and_is_asked_again_by_the_next_run(tmp_path: Path, model: str) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    lengths = prompt_tokens(shards, model)
    window = (max(lengths.values()) + min(lengths.values())) // 2
    step.run(shards.job(), rephrase=engine(model, window))
    outcomes = {(row["doc_id"], row["strategy"]): row["outcome"] for row in shards.answers()}
    refused = {place for place, length in lengths.items() if length >= window}
    assert 0 < len(refused) < len(lengths)
    for place, outcome in outcomes.items():
        if place in refused:
            assert outcome.startswith("failed: ValueError: The decoder prompt")
        else:
            assert outcome == "length", "the window ends before the answer, which is an answer all the same"
    assert total(shards, "failed") == len(refused)
    assert total(shards, "sent") == len(lengths)
    for shard in shards.assigned:
        shards.folder.folder.delete(f"commits/{shard_name(shard)}.json")
    step.run(shards.job(), rephrase=engine(model, 10_000))
    outcomes = {(row["doc_id"], row["strategy"]): row["outcome"] for row in shards.answers()}
    assert outcomes == {place: "stop" if place in refused else "length" for place in lengths}
    assert total(shards, "sent") == len(refused)
    assert total(shards, "cached") == len(lengths) - len(refused)
