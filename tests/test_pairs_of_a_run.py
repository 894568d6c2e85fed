"""Pairs of a medium and a caption: captions are expanded beside untouched media, and are not judged as prose."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import curator, read_table, run_json
from tests.corpus import TOPICS, records, sentence, write_jsonl

pytest.importorskip("aiohttp")

from tests.rephrase.faithful_server import faithful, source_of
from tests.rephrase.openai_server import ChatServer

PAIRS = 240
SHORT = ("A red boat.", "IMG_2034 beach holiday")  # the second is taken for Swedish, with .36
CONFIG = """\
input: {{sources: [{{path: "{folder}/*.parquet"}}, {{path: "{folder}/*.jsonl"}}], medium_field: image}}
output: {{path: {output}}}
shards: {{text_bytes: 60_000, unit_bytes: 100_000}}
language: {{keep: [en], min_probability: 0.4}}
budgets: null
rephrase:
  http: {{url: "{url}", model: small, concurrency: 8}}
  strategies: {{easy: 1, caption: 1}}
  share: 0.2
  original_captions: 0.25
  checks: {{negations: false, collapse_share: 1.0}}
resources: {{cpus: 2, object_store_bytes: 100_000_000}}
"""


def caption(number: int) -> str:
    rng = random.Random(number)
    return sentence(rng, sorted(TOPICS)[number % len(TOPICS)])


def picture(number: int) -> bytes:
    return b"\x89PNG\r\n" + bytes([number % 256]) * 200 + number.to_bytes(4, "big")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents, pairs with pictures, pairs with addresses; two pictures of one caption, and one pair twice."""
    folder = tmp_path_factory.mktemp("pairs")
    write_jsonl(folder / "prose.jsonl", records(80))
    inside = [{"text": caption(n), "image": {"bytes": picture(n), "path": f"{n}.png"}} for n in range(PAIRS // 2)]
    inside += [{"text": caption(0), "image": {"bytes": picture(9_999), "path": "other.png"}}, inside[1]]
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    pq.write_table(
        pa.Table.from_pylist(inside, pa.schema([("text", pa.string()), ("image", image)])), folder / "inside.parquet"
    )
    lines = [{"text": caption(n), "image": f"https://example.org/{n}.jpg"} for n in range(PAIRS // 2, PAIRS)]
    lines += [{"text": text, "image": f"https://example.org/{text}.jpg"} for text in SHORT]
    (folder / "linked.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(faithful) as server:
        yield server


def run(folder: Path, server: ChatServer, name: str, *settings: str) -> Path:
    config = folder / f"{name}.yaml"
    config.write_text(CONFIG.format(folder=folder, output=folder / name, url=server.url))
    done = curator("run", str(config), *(word for one in settings for word in ("--set", one)))
    assert done.returncode == 0, done.stderr
    return folder / name


@pytest.fixture(scope="module")
def finished(folder: Path, server: ChatServer) -> Path:
    return run(folder, server, "out")


def rows_of(output: Path) -> list[dict[str, Any]]:
    return read_table(output, "curated").to_pylist()


def pairs_of(output: Path) -> list[dict[str, Any]]:
    return [row for row in rows_of(output) if row["medium"] is not None]


def test_media_go_through_as_they_came(finished: Path) -> None:
    inside = {row["medium"]["path"]: row["medium"]["bytes"] for row in pairs_of(finished) if row["medium"]["bytes"]}
    assert inside == {f"{n}.png": picture(n) for n in range(PAIRS // 2)} | {"other.png": picture(9_999)}
    linked = {row["medium"]["path"] for row in pairs_of(finished) if not row["medium"]["bytes"]}
    assert {f"https://example.org/{n}.jpg" for n in range(PAIRS // 2, PAIRS)} < linked


def test_short_captions_are_not_judged_as_prose(finished: Path) -> None:
    assert set(SHORT) <= {row["caption"] for row in pairs_of(finished)}


def test_one_caption_of_two_pictures_is_no_duplicate_and_a_pair_given_twice_is(finished: Path) -> None:
    captions = [row["caption"] for row in pairs_of(finished)]
    assert captions.count(caption(0)) == 2
    assert captions.count(caption(1)) == 1
    assert run_json(finished)["documents_kept"] == sum(
        row["synthetic"] is None or row["medium"] is not None for row in rows_of(finished)
    )


def test_captions_are_expanded_but_the_share_that_stays_and_the_original_stands_beside(finished: Path) -> None:
    found = pairs_of(finished)
    expanded = [row for row in found if row["synthetic"]]
    assert all(row["text"] == row["caption"] for row in found if not row["synthetic"])
    assert all(row["text"] != row["caption"] for row in expanded)
    assert all(sorted(words(row["text"])) == sorted(words(row["caption"])) for row in expanded)
    assert all(row["synthetic"]["strategy"] == "caption" for row in expanded)
    assert all(row["synthetic"]["source_doc_ids"] == [row["doc_id"]] for row in expanded)
    assert 0.6 < len(expanded) / len(found) < 0.85
    assert run_json(finished)["rephrased"]["captions_expanded"] == len(expanded)


def words(text: str) -> list[str]:
    return text.lower().replace(".", " ").split()


def test_documents_are_rephrased_by_their_own_strategies_up_to_their_own_share(finished: Path) -> None:
    prose = [row for row in rows_of(finished) if row["medium"] is None]
    synthetic = [row for row in prose if row["synthetic"]]
    assert {row["synthetic"]["strategy"] for row in synthetic} == {"easy"}
    assert all(row["caption"] is None for row in prose)
    assert 0 < json.loads((finished / "blend.json").read_text())["share"] <= 0.2


def test_every_prompt_has_a_caption_or_a_document_in_it(finished: Path, server: ChatServer) -> None:
    known = "\n".join(row["caption"] or row["text"] for row in rows_of(finished))
    assert server.prompts
    assert all(source_of(prompt) in known for prompt in server.prompts)


def test_one_switch_leaves_the_original_captions(folder: Path, finished: Path, server: ChatServer) -> None:
    asked = server.asked.total()
    found = pairs_of(run(folder, server, "out", "rephrase.in_output=false"))
    assert server.asked.total() == asked
    assert all(row["synthetic"] is None and row["text"] == row["caption"] for row in found)


def test_explain_tells_of_the_expanded_caption(folder: Path, finished: Path, server: ChatServer) -> None:
    row = next(row for row in pairs_of(run(folder, server, "out")) if row["synthetic"])
    told = curator("explain", str(row["doc_id"]), "--output", str(folder / "out")).stdout
    assert "rephrased (caption): its text; the caption stands beside it" in told


def test_limits_leave_room_for_some_captions_and_are_never_passed(folder: Path, server: ChatServer) -> None:
    output = run(folder, server, "limited", "rephrase.limits.requests=50")
    told = run_json(output)["rephrased"]
    assert 30 < told["requests"] <= 50
    assert told["in_output"] == 0
    assert "rephrase.limits leave room for" in json.dumps(run_json(output)["notes"])


@pytest.mark.parametrize("moved", ["output.format=tokens", "sequence={}"])
def test_what_would_part_media_from_their_texts_is_refused(folder: Path, moved: str, server: ChatServer) -> None:
    config = folder / "refused.yaml"
    config.write_text(CONFIG.format(folder=folder, output=folder / "refused", url=server.url))
    done = curator("run", str(config), "--set", moved)
    assert done.returncode != 0
    assert "moves texts and not media" in done.stderr
