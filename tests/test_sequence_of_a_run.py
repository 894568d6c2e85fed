"""A whole run in training order: shards read by name are the curriculum, every copy is there, anywhere the same."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.conftest import COMMAND, commit_times, curated_hash, curator, read_table, run_json
from tests.corpus import config_text, write_corpus

SETTINGS = {
    "shards": {"text_bytes": 20_000, "unit_bytes": 100_000},
    "budgets": {"keep_share": 0.8},
    "rebalance": {"by": "theme", "method": "unimax", "max_passes": 3, "tokens": 110_000},
    "sequence": {
        "stages": [[0.0, {"quality": {"high": 0.1, "medium_high": 0.2}}], [0.8, {"quality": {"high": 8, "low": 0.1}}]]
    },
}
THROUGH_FILES = {"cpus": "1", "exchange_bytes": "60_000"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def command(folder: Path, corpus: Path, **more: str) -> list[str]:
    config = folder / "c.yaml"
    config.write_text(config_text(corpus, folder / "out", **more))
    return [
        "run",
        str(config),
        *(part for name, value in SETTINGS.items() for part in ("--set", f"{name}={json.dumps(value)}")),
    ]


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    done = curator(*command(folder, corpus))
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def in_order(finished: Path) -> pa.Table:
    """The rows of the output as a reader finds them that goes through the files by name."""
    return pa.concat_tables([pq.read_table(path) for path in sorted((finished / "curated").iterdir())])


def tokens_of(rows: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sizes = pc.binary_length(rows["text"]).to_numpy().astype(np.int64)
    return np.asarray(-(-sizes // 4))


def test_every_kept_document_is_there_as_often_as_its_copies_say(finished: Path, in_order: pa.Table) -> None:
    ledger = read_table(finished, "ledger").to_pylist()
    kept = {row["doc_id"] for row in ledger if row["outcome"] == "kept"}
    curated = read_table(next(finished.glob("steps/curate-*")), "curated")
    copies = dict(zip(curated["doc_id"].to_pylist(), curated["copies"].to_pylist(), strict=True))
    assert "copies" not in in_order.column_names  # or `curator evaluate` would repeat every copy
    found = Counter(zip(in_order["doc_id"].to_pylist(), in_order["copy"].to_pylist(), strict=True))
    assert set(copies) == kept
    assert set(copies.values()) >= {1, 2}
    assert found == Counter((document, copy) for document, count in copies.items() for copy in range(count))
    assert run_json(finished)["copies"] == in_order.num_rows
    assert run_json(finished)["documents_kept"] == len(kept)


def test_shards_are_numbered_and_of_one_size(finished: Path) -> None:
    paths = sorted((finished / "curated").iterdir())
    assert [path.name for path in paths] == [f"{number:08d}.parquet" for number in range(len(paths))]
    sizes = [tokens_of(pq.read_table(path)).sum() for path in paths]
    assert len(sizes) > 15
    assert max(sizes) - min(sizes) < 2_000  # two documents


def test_the_output_read_back_has_the_mixture_that_was_asked_for(finished: Path, in_order: pa.Table) -> None:
    told = json.loads((finished / "order.json").read_text())
    asked = np.array(told["asked_tokens"])
    placed = read_table(next(finished.glob("steps/order-*")), "order").to_pylist()
    groups = {(row["doc_id"], row["copy"]): row["group"] for row in placed}
    group = np.array([groups[row["doc_id"], row["copy"]] for row in in_order.select(["doc_id", "copy"]).to_pylist()])
    tokens = tokens_of(in_order)
    assert tokens.sum() == pytest.approx(asked.sum(), abs=len(asked))
    late = np.cumsum(tokens) > 0.8 * tokens.sum()
    for rows, slices in ((~late, slice(0, 80)), (late, slice(80, 100))):
        found = np.bincount(group[rows], tokens[rows], len(told["groups"]))
        wanted = asked[slices].sum(axis=0)
        assert abs(found / found.sum() - wanted / wanted.sum()).max() < 0.12  # 60 copies stand in the last stage
    high = group == told["groups"].index("quality high")
    assert tokens[high & late].sum() > 0.75 * tokens[high].sum()
    quality = in_order["quality"].to_numpy()
    assert quality[late].mean() > quality[~late].mean() + 0.5 * quality.std()


def test_copies_of_a_document_stand_apart(in_order: pa.Table) -> None:
    places: dict[int, list[int]] = {}
    for place, document in enumerate(in_order["doc_id"].to_pylist()):
        places.setdefault(document, []).append(place)
    several = [found for found in places.values() if len(found) > 1]
    assert several
    assert min(min(np.diff(found)) for found in several) >= 3


def test_files_and_one_cpu_give_the_same_bytes_and_leave_no_pieces(
    finished: Path, corpus: Path, tmp_path: Path
) -> None:
    done = curator(*command(tmp_path, corpus, **THROUGH_FILES))
    assert done.returncode == 0, done.stderr
    output = tmp_path / "out"
    assert list(output.glob("steps/arrange-*/commits/spread-0-*.json"))
    assert not list(output.glob("steps/arrange-*/pieces-*/*/*"))
    assert not list(finished.glob("steps/arrange-*/commits/spread-*"))
    assert curated_hash(output) == curated_hash(finished)
    assert (output / "order.json").read_bytes() == (finished / "order.json").read_bytes()


def killed_once(arguments: list[str], output: Path, pattern: str) -> None:
    """Run until a commit of that pattern is there, then kill -9 the driver."""
    log = (output.parent / "log").open("w")
    driver = subprocess.Popen([*COMMAND, *arguments], stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 240
    while not list(output.glob(f"steps/{pattern}")):
        assert driver.poll() is None, (output.parent / "log").read_text()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.002)
    driver.kill()
    driver.wait()
    time.sleep(2)


def test_a_driver_killed_while_content_moves_goes_on_to_the_same_bytes(
    finished: Path, corpus: Path, tmp_path: Path
) -> None:
    output, seen = tmp_path / "out", dict[str, int]()
    arguments = command(tmp_path, corpus, exchange_bytes="60_000")
    for pattern in ("arrange-*/commits/spread-0-*", "arrange-*/commits/shard-*"):
        killed_once(arguments, output, pattern)
        now = commit_times(output)
        assert {name: now[name] for name in seen} == seen, "what was committed was done again"
        assert not list(output.glob("steps/arrange-*/manifest.json"))
        seen = now
    arguments = command(tmp_path, corpus, exchange_bytes="4_000_000")  # the layout stays that of the first attempt
    done = curator(*arguments)
    assert done.returncode == 0, done.stderr
    assert commit_times(output).items() >= seen.items()
    assert curated_hash(output) == curated_hash(finished)
    assert not list(output.glob("steps/arrange-*/pieces-*/*/*"))


def test_documents_are_explained_in_any_order(finished: Path, in_order: pa.Table) -> None:
    document = in_order["doc_id"].to_pylist()[0]
    told = curator("explain", str(document), "--output", str(finished))
    assert told.returncode == 0, told.stderr
    assert "kept: concept " in told.stdout
    assert "  read at " in told.stdout
    copies = in_order.filter(pc.equal(in_order["doc_id"], document)).num_rows
    assert told.stdout.split("read at ")[1].split(" of the")[0].count("%") == copies
    dropped = next(row for row in read_table(finished, "ledger").to_pylist() if row["reason"] == "exact_duplicate")
    told = curator("explain", str(dropped["doc_id"]), "--output", str(finished))
    assert "dropped by exact: exact_duplicate" in told.stdout


def test_the_same_output_without_a_training_order_is_as_it_was_read(finished: Path, in_order: pa.Table) -> None:
    arguments = command(finished.parent, Path(run_json(finished)["config"]["input"]["sources"][0]["path"]))  # type: ignore[index]
    done = curator(*arguments, "--set", "sequence=null")
    assert done.returncode == 0, done.stderr
    curated = read_table(finished, "curated")
    assert not (finished / "order.json").exists()
    assert curated["doc_id"].to_pylist() == sorted(set(in_order["doc_id"].to_pylist()))
    assert "copy" not in curated.column_names
    again = curator(*arguments)
    assert again.returncode == 0, again.stderr
    shown = pa.concat_tables([pq.read_table(path) for path in sorted((finished / "curated").iterdir())])
    assert shown.equals(in_order)
