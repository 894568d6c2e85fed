"""What a graph of vLLM reads and leaves: rows of open requests of a shard, and answers in the cache where lanes find them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pytest

from curator.rephrase.requests import Response
from curator.steps.rephrase_vllm import after_the_graph, kept, open_requests
from curator.store.ids import shard_name
from tests.steps.rephrase_corpus import Shards, http

pytest.importorskip("jinja2")

REPHRASE = http("http://localhost:1/v1")
ASSIGNED = [[["easy"], ["easy", "dense"]], [["dense"]], [[]]]


def test_every_open_request_is_a_row_and_answers_go_to_the_cache_of_their_shard(tmp_path: Path) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    desk = shards.desk(REPHRASE)
    tables = [table for shard in shards.assigned for table in open_requests(pa.table({"shard": [shard]}), desk=desk)]
    rows = pa.concat_tables(tables).to_pylist()
    expected = [request.key for request in shards.requests(REPHRASE).values()]
    assert [row["key"] for row in rows] == expected
    answers = [
        {"shard": row["shard"], **asdict(Response(key=row["key"], outcome="stop", text=f"answer {place}"))}
        for place, row in enumerate(rows)
    ]
    mixed = pa.Table.from_pylist(answers[::2] + answers[1::2])
    counted = Counter(row["shard"] for row in rows)
    assert kept(mixed, folder=shards.folder).to_pylist() == [
        {"shard": shard, "answers": counted[shard]} for shard in sorted(counted)
    ]
    for shard in shards.assigned:
        assert list(open_requests(pa.table({"shard": [shard]}), desk=desk)) == []
        known = desk.open(shard).answers
        assert {key: answer.text for key, answer in known.items()} == {
            row["key"]: row["text"] for row in answers if row["shard"] == shard
        }


def test_no_rows_are_no_answers(tmp_path: Path) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    assert kept(pa.table({}), folder=shards.folder).num_rows == 0


def test_a_request_that_failed_has_its_reason_in_the_answers_and_is_not_in_the_cache(tmp_path: Path) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    keys = [request.key for request in shards.requests(REPHRASE).values()]
    (first, second, *_) = shards.assigned
    responses = {
        keys[0]: Response(key=keys[0], outcome="failed: ValueError: too long"),
        keys[1]: Response(key=keys[1], outcome="stop", text="answer"),
    }
    rows = [{"shard": first, **asdict(response)} for response in responses.values()]
    assert kept(pa.Table.from_pylist(rows), folder=shards.folder).to_pylist() == [{"shard": first, "answers": 1}]
    desk = replace(shards.desk(REPHRASE), filled={first: 1})
    assert set(desk.open(first).answers) == {keys[1]}
    commits = {commit.name: commit.counts for commit in after_the_graph(desk, [first, second])}
    told = [commits[shard_name(first)][name] for name in ("requests", "sent", "cached", "failed")]
    assert told == [3, 3, 0, 2]
    outcomes = {row["key"]: row["outcome"] for row in shards.folder.read("answers", first).to_pylist()}
    assert outcomes == {
        keys[0]: "failed: ValueError: too long",
        keys[1]: "stop",
        keys[2]: "failed: no answer",
    }
