"""Long runs, started by `make soak`: a file far larger than a worker's memory bound."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.conftest import curator, read_table, run_json
from tests.corpus import TOPICS, sentence

FILE_BYTES = 2_000_000_000
WORKER_BYTES = 2_000_000_000


def write_large_file(path: Path) -> int:
    """One JSONL file of 2 GB whose documents are random sequences of 60,000 sentences; returns the number of documents."""
    rng = random.Random(3)
    pools = [[sentence(rng, topic) for _ in range(15_000)] for topic in sorted(TOPICS)]
    written = documents = 0
    with path.open("w") as file:
        while written < FILE_BYTES:
            text = " ".join(rng.choices(pools[documents % len(pools)], k=rng.randrange(20, 80)))
            written += file.write(json.dumps({"text": text, "url": f"https://example.org/{documents}"}) + "\n")
            documents += 1
    return documents


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_file_of_two_gigabytes_passes_in_bounded_memory(tmp_path: Path) -> None:
    documents = write_large_file(tmp_path / "large.jsonl")
    config = tmp_path / "c.yaml"
    config.write_text(f"input: {{sources: [{{path: {tmp_path}/large.jsonl}}]}}\noutput: {{path: {tmp_path}/out}}\n")
    done = curator("run", str(config), timeout=3500)
    assert done.returncode == 0, done.stderr
    run = run_json(tmp_path / "out")
    assert run["documents_in"] == documents
    assert read_table(tmp_path / "out", "ledger").num_rows == documents
    peaks = {step["name"]: step["peak_memory_bytes"] for step in run["steps"]}
    assert max(peaks.values()) < WORKER_BYTES, peaks
    assert len(list((tmp_path / "out").glob("steps/ingest-*/documents/*.parquet"))) >= FILE_BYTES // 64_000_000
