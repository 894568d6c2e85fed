"""The step that asks: every request has one answer, none is paid for twice, and no lane waits for the end of a shard."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from curator.config.engines import Sampling, TransformersEngine, VllmEngine
from curator.config.rephrase import Rephrase
from curator.errors import EngineError, StoreError
from curator.rephrase.cache import ResponseCache
from curator.rephrase.requests import ANSWERS, Engine, Response
from curator.steps import rephrase as step
from curator.steps import rephrase_lane
from curator.steps.rephrase import earlier_commits, settings_of
from curator.steps.rephrase_lane import in_batches
from curator.steps.rephrase_shards import cache_folder
from curator.steps.rephrase_vllm import after_the_graph
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.step_folder import Commit
from tests.steps.rephrase_corpus import Shards, http, many

pytest.importorskip("aiohttp")

from tests.rephrase.openai_server import Body, ChatServer, Reply, good, malformed, slow, status

KEY = "sk-very-secret-0123456789"
MIXED = [[["dense"], ["easy", "dense"], [], ["questions"]], [[], []], [], [["easy"]]]


def cached_keys(shards: Shards) -> set[str]:
    folder = cache_folder(shards.folder.folder)
    return {key for shard in shards.assigned for key in ResponseCache(folder, shard).load()}


def test_every_request_has_its_answer_in_the_order_of_documents_strategies_and_parts(tmp_path: Path) -> None:
    shards = Shards(tmp_path, MIXED).write()
    with ChatServer() as server:
        commits = shards.run_lane(http(server.url))
        requests = shards.requests(http(server.url))
        rows = shards.answers()
        assert [(row["doc_id"], row["strategy"], row["part"]) for row in rows] == list(requests)
        assert [row["key"] for row in rows] == [request.key for request in requests.values()]
        assert {row["outcome"] for row in rows} == {"stop"}
        for row, request in zip(rows, requests.values(), strict=True):
            assert row["text"].startswith(f"{request.seed}: ")
        assert server.answered == {request.key: 1 for request in requests.values()}
    first, second, *_ = shards.assigned
    assert shards.folder.read("answers", first).schema == ANSWERS
    assert sorted(commits) == [shard_name(shard) for shard, ways in shards.assigned.items() if ways]
    counts = commits[shard_name(first)].counts
    tokens = {name: sum(row[name] for row in rows[:4]) for name in ("prompt_tokens", "completion_tokens")}
    size = shards.desk(http(server.url)).documents[first][1]
    assert counts == {
        **{"documents_in": 4, "documents_out": 4, "bytes_in": size, "bytes_out": size},
        **{"requests": 4, "cached": 0, "sent": 4, "failed": 0, **tokens},
    }
    assert commits[shard_name(second)].counts["requests"] == 0
    assert [path.name for path in (tmp_path / "cache" / "rephrase").iterdir()].count(shard_name(second)) == 0


def test_another_run_with_the_same_requests_sends_nothing_and_writes_the_same_bytes(tmp_path: Path) -> None:
    shards = Shards(tmp_path, MIXED).write()
    first, *_ = shards.assigned
    with ChatServer() as server:
        shards.run_lane(http(server.url))
        written = shards.folder.read_bytes(f"answers/{shard_name(first)}.parquet")
        again = Shards(tmp_path, MIXED)
        again.folder = type(shards.folder)(Folder(str(tmp_path / "steps" / "rephrase-other")))
        commits = again.run_lane(http(server.url, concurrency=3, attempts=2))
        assert set(server.asked.values()) == {1}
    assert again.folder.read_bytes(f"answers/{shard_name(first)}.parquet") == written
    assert (commits[shard_name(first)].counts["cached"], commits[shard_name(first)].counts["sent"]) == (4, 0)


def test_a_request_that_failed_is_asked_again_by_the_next_run_and_no_other_is(tmp_path: Path) -> None:
    shards, broken = many(tmp_path, 2, 10).write(), True

    def script(body: Body, before: int) -> Reply:
        return Reply(status=422) if broken and body["seed"] % 3 == 0 else good(body)

    with ChatServer(script) as server:
        commits = shards.run_lane(http(server.url))
        failed = [row for row in shards.answers() if row["outcome"] == "failed: status 422"]
        assert sum(commit.counts["failed"] for commit in commits.values()) == len(failed) > 0
        assert not [row for row in failed if row["text"]]
        broken = False
        shards.folder = type(shards.folder)(Folder(str(tmp_path / "steps" / "rephrase-other")))
        commits = shards.run_lane(http(server.url))
        assert sum(commit.counts["sent"] for commit in commits.values()) == len(failed)
        assert set(server.answered.values()) == {1}
        assert {row["outcome"] for row in shards.answers()} == {"stop"}


def test_requests_of_the_next_shard_follow_without_waiting_for_the_last_answer_of_one(tmp_path: Path) -> None:
    shards = many(tmp_path, 6, 4).write()
    requests = shards.requests(http("http://x"))
    late = requests[next(iter(requests))]

    def script(body: Body, before: int) -> Reply:
        is_late = body["seed"] == late.seed and len(server.answered) < len(requests) - 1
        return Reply(status=503) if is_late else good(body)

    with ChatServer(script) as server:
        commits = shards.run_lane(http(server.url, concurrency=4, attempts=30))
    ended = [commit.name for commit in sorted(commits.values(), key=lambda commit: commit.ended)]
    assert ended[-1] == shard_name(next(iter(shards.assigned)))


def test_few_shards_are_held_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rephrase_lane, "HELD_CHARACTERS", 1)
    shards = many(tmp_path, 5, 3).write()
    with ChatServer(slow(0.02)) as server:
        commits = shards.run_lane(http(server.url, concurrency=64))
        assert len(commits) == 5
        assert server.most <= 2 * 6  # one shard more than is allowed was read ahead
        assert set(server.answered.values()) == {1}


def test_an_engine_of_no_use_ends_the_lane_and_what_was_answered_stays(tmp_path: Path) -> None:
    shards, asked = many(tmp_path, 4, 10).write(), itertools.count()

    def script(body: Body, before: int) -> Reply:
        return Reply(status=401) if next(asked) >= 30 else good(body)

    with ChatServer(script) as server:
        with pytest.raises(EngineError, match="status 401"):
            shards.run_lane(http(server.url, concurrency=4))
        known, before = cached_keys(shards), server.asked.copy()
        assert known <= set(server.answered)
        assert len(server.answered) - len(known) <= 3 * 4  # in flight, or not yet written, as the lane ended
        server.script = good
        commits = shards.run_lane(http(server.url))
        assert not [key for key in known if server.asked[key] > before[key]]
    assert len(commits) == 4
    assert len(shards.answers()) == 80


def test_storage_that_fails_ends_the_lane(tmp_path: Path) -> None:
    shards = many(tmp_path, 3, 5).write()
    (tmp_path / "cache").write_text("in the way")
    with ChatServer() as server, pytest.raises(StoreError):
        shards.run_lane(http(server.url))


def test_a_lane_that_nobody_listens_to_any_more_stops(tmp_path: Path) -> None:
    shards = many(tmp_path, 30, 10).write()
    with ChatServer(slow(0.02)) as server:
        lane = step.answered(shards.desk(http(server.url, concurrency=2)), list(shards.assigned))
        next(lane)
        lane.close()
        asked = server.asked.total()
        time.sleep(0.2)
        assert server.asked.total() == asked < 200


@pytest.mark.parametrize("kills", [2])
def test_a_lane_that_is_killed_and_resumed_sends_no_answered_request_again(tmp_path: Path, kills: int) -> None:
    size, concurrency = (5, 40), 8
    shards = many(tmp_path / "killed", *size).write()
    known: set[str] = set()
    with ChatServer(slow(0.02)) as server:
        arguments = map(str, (shards.output, server.url, *size, concurrency))
        command = [sys.executable, "-m", "tests.steps.rephrase_corpus", *arguments]
        for kill in range(kills + 1):
            before = server.asked.copy()
            lane = subprocess.Popen(command, cwd=Path(__file__).parents[2])
            while kill < kills and server.answered.total() < (kill + 1) * 80 and lane.poll() is None:
                time.sleep(0.005)
            if kill < kills:
                os.kill(lane.pid, signal.SIGKILL)
            assert lane.wait(60) == (-signal.SIGKILL if kill < kills else 0)
            assert not [key for key in known if server.asked[key] > before[key]]
            known = cached_keys(shards)
        twice = sum(times - 1 for times in server.answered.values())
        assert twice <= kills * 3 * concurrency  # what was under way: sent, or answered and not yet on the disk
        whole = many(tmp_path / "whole", *size).write()
        whole.run_lane(http(server.url))
    assert shards.answers() == whole.answers()
    for shard in shards.assigned:
        name = f"answers/{shard_name(shard)}.parquet"
        assert shards.folder.read_bytes(name) == whole.folder.read_bytes(name)
        assert len(list((shards.output / "cache" / "rephrase" / shard_name(shard)).glob("*.parquet"))) == 1


def test_no_prompt_goes_out_without_a_source(tmp_path: Path) -> None:
    shards = Shards(tmp_path, MIXED).write()
    with ChatServer() as server:
        shards.run_lane(http(server.url))
        sources = [request.source for request in shards.requests(http(server.url)).values()]
    assert len(server.prompts) == len(sources) == 5
    assert all(any(source in prompt for source in sources) for prompt in server.prompts)


def test_fields_of_a_server_s_own_go_with_every_request_and_other_ones_are_asked_again(tmp_path: Path) -> None:
    shards, bodies = many(tmp_path, 1, 3).write(), []
    low, high = ({"reasoning_effort": effort} for effort in ("low", "high"))
    with ChatServer(lambda body, before: bodies.append(body) or good(body)) as server:
        shards.run_lane(http(server.url, extra=low))
        assert [body["reasoning_effort"] for body in bodies] == ["low"] * 6
        known = cached_keys(shards)
        shards.folder = type(shards.folder)(Folder(str(tmp_path / "steps" / "rephrase-other")))
        shards.run_lane(http(server.url, extra=high))
    assert [body["reasoning_effort"] for body in bodies[6:]] == ["high"] * 6
    assert len(cached_keys(shards) - known) == 6


def test_the_key_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_TEST_KEY", KEY)
    shards, turns = many(tmp_path, 2, 10).write(), itertools.cycle((good, status(400), malformed))
    with ChatServer(lambda body, before: next(turns)(body, before), key=KEY) as server:
        commits = shards.run_lane(http(server.url, key_variable="CURATOR_TEST_KEY", attempts=2))
        assert server.answered.total() > 5
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 8
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    texts = [str(row) for row in shards.answers()] + [str(commits)]
    assert not [text for text in texts if KEY in text]


class Shouting:
    """An engine in the process, which notes how much it was given at once."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def answer(self, requests: list[object]) -> list[Response]:
        self.sizes.append(len(requests))
        return [Response(key=request.key, outcome="stop", text=request.source.upper()) for request in requests]


def never_loaded() -> Engine:
    raise AssertionError("every answer is known")


def test_an_engine_in_the_process_is_given_batches_and_nothing_twice(tmp_path: Path) -> None:
    shards, engine = many(tmp_path, 2, 5).write(), Shouting()
    desk = shards.desk(Rephrase(transformers=TransformersEngine(model="small")))
    commits = list(in_batches(lambda: engine, desk, list(shards.assigned), size=4))
    assert engine.sizes == [4, 4, 2, 4, 4, 2]
    assert [commit.counts["sent"] for commit in commits] == [10, 10]
    assert all(row["text"] == row["text"].upper() for row in shards.answers())
    again = list(in_batches(never_loaded, desk, list(shards.assigned), size=4))
    assert [commit.counts["cached"] for commit in again] == [10, 10]
    assert len(engine.sizes) == 6


def test_what_another_graph_was_to_answer_and_did_not_has_failed(tmp_path: Path) -> None:
    shards = many(tmp_path, 1, 2).write()
    desk = shards.desk(Rephrase(vllm=VllmEngine(model="small")))
    (commit,) = after_the_graph(desk, list(shards.assigned))
    assert (commit.counts["sent"], commit.counts["failed"]) == (4, 4)
    assert Counter(row["outcome"] for row in shards.answers()) == {"failed: no answer": 4}
    assert cached_keys(shards) == set()


def test_settings_hold_what_decides_the_answers_and_not_where_or_how_fast(tmp_path: Path) -> None:
    one, other = (
        http("http://a/v1"),
        http("http://b/v1", concurrency=3, actors=7, timeout_seconds=1.0, key_variable="K"),
    )
    assert settings_of(one) == settings_of(other)
    assert settings_of(one) != settings_of(http("http://a/v1", model="large"))
    assert settings_of(one) != settings_of(http("http://a/v1", extra={"reasoning_effort": "low"}))
    assert settings_of(one) != settings_of(one.model_copy(update={"sampling": Sampling(seed=2)}))
    assert settings_of(one) != settings_of(one.model_copy(update={"strategies": {"dense": 1.0}}))
    engines = [TransformersEngine(model="small", dtype=dtype) for dtype in ("auto", "float32")]
    loaded = [settings_of(Rephrase(transformers=engine)) for engine in engines]
    vllm = settings_of(Rephrase(vllm=VllmEngine(model="small", engine={"quantization": "fp8"})))
    assert len({str(settings) for settings in (settings_of(one), *loaded, vllm)}) == 4


@pytest.mark.parametrize(
    ("folder", "cache"),
    [
        ("/data/out/steps/rephrase-0123", "/data/out/cache/rephrase"),
        ("/steps/out/steps/rephrase-0123", "/steps/out/cache/rephrase"),
        ("s3://b/out/steps/rephrase-01?region=x", "s3://b/out/cache/rephrase?region=x"),
    ],
)
def test_the_cache_lies_beside_the_steps(folder: str, cache: str) -> None:
    assert cache_folder(Folder(folder)).uri == cache


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    from curator.cluster import ray_cluster
    from curator.config.schema import Resources

    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def test_an_endpoint_that_dies_in_the_middle_stops_the_run_and_the_next_run_goes_on(
    cluster: None, tmp_path: Path
) -> None:
    shards, full = many(tmp_path, 8, 20).write(), threading.Event()

    def script(body: Body, before: int) -> Reply:
        if len(server.answered) >= 100:
            full.set()
        return Reply(text="fine", seconds=0.02)

    with ChatServer(script) as server:
        asked = http(server.url, actors=2, concurrency=8, attempts=3)
        threading.Thread(target=lambda: full.wait(60) and server.stop()).start()
        with pytest.raises(EngineError, match=f"the engine at {server.url} cannot be connected to; start it or mend"):
            step.run(shards.job(), rephrase=asked)
    done, known = shards.folder.committed(), cached_keys(shards)
    assert 0 < len(done) < 8
    assert sum(commit.counts["failed"] for commit in done.values()) == 0
    assert known <= set(server.answered)
    assert len(server.answered) - len(known) <= 2 * 8  # under way as the connections were cut
    with ChatServer(port=server.port) as second:
        step.run(shards.job(), rephrase=asked)
        assert not known & set(second.asked)
        assert set(second.answered.values()) == {1}
    assert len(known) + len(second.answered) == len(shards.requests(asked))
    assert {row["outcome"] for row in shards.answers()} == {"stop"}


def test_lanes_share_the_shards_and_commits_come_as_they_are_made(cluster: None, tmp_path: Path) -> None:
    shards, events = many(tmp_path, 7, 6).write(), []
    with ChatServer(slow(0.05)) as server:
        asked, job = http(server.url, actors=3, concurrency=2), shards.job()
        job.watch = lambda event: events.append((event.done, time.time()))
        step.run(job, rephrase=asked)
        assert sorted(job.commits) == [shard_name(shard) for shard in shards.assigned]
        assert server.most <= 6
        assert server.answered == {request.key: 1 for request in shards.requests(asked).values()}
        step.run(shards.job(), rephrase=asked)
        assert set(server.asked.values()) == {1}
    assert [done for done, _ in events] == list(range(1, 8))
    assert events[-1][1] - events[0][1] > 0.2


def test_a_lane_that_is_tried_again_gives_the_commits_that_it_gave_before_in_their_order(tmp_path: Path) -> None:
    shards = many(tmp_path, 5, 2).write()
    with ChatServer() as server:
        desk, numbers = shards.desk(http(server.url, concurrency=2)), list(shards.assigned)
        lane = step._lane(pa.table({"shard": [0]}), desk=desk, dealt=[numbers])
        given = [next(lane) for _ in range(3)]
        lane.close()
        again = list(step._lane(pa.table({"shard": [0]}), desk=desk, dealt=[numbers]))
        assert again[:3] == given
        names = [Commit.from_json(table["commit"][0].as_py()).name for table in again]
        assert sorted(names) == [shard_name(shard) for shard in numbers]
        assert server.answered.total() - len(server.answered) <= 3 * 2  # under way as the lane was closed
    assert list(earlier_commits(shards.folder, numbers[:2])) == [shard_name(shard) for shard in numbers[:2]]
