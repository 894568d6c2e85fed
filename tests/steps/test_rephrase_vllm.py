"""What a graph of vLLM reads and leaves: rows of open requests of a shard, and answers in the cache where lanes find them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pytest

from curator.rephrase.requests import Response
from curator.steps.rephrase_vllm import kept, open_requests
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
    assert kept(mixed, folder=shards.folder).to_pylist() == [{"answers": len(rows)}]
    for shard in shards.assigned:
        assert list(open_requests(pa.table({"shard": [shard]}), desk=desk)) == []
        known = desk.open(shard).answers
        assert {key: answer.text for key, answer in known.items()} == {
            row["key"]: row["text"] for row in answers if row["shard"] == shard
        }


def test_no_rows_are_no_answers(tmp_path: Path) -> None:
    shards = Shards(tmp_path, ASSIGNED).write()
    assert kept(pa.table({}), folder=shards.folder).to_pylist() == [{"answers": 0}]
