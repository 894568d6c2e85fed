"""All heuristics against datatrove's and NeMo Curator's, in one paired run on one core: `python benchmarks/filters.py [--json]`.

The peers run in virtual environments of their own (see the Makefile, or --datatrove and --nemo name their interpreters). All are
timed in processor seconds over texts in memory, without start-up: the peers drop early, as their pipelines do; we compute every
statistic of every document and judge it. The corpus is `../shared/data/text` (or --corpus: JSONL.zst files with `text`).
"""

from __future__ import annotations

import argparse
import glob
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from common import Row, report

from curator.config.filters import Filters
from curator.config.profiles import Profile
from curator.text.heuristics import judge
from curator.text.language import identify
from curator.text.lines import C4_LINES, clean_lines
from curator.text.statistics import text_statistics
from curator.text.unicode import clean_text

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent.parent / "shared" / "data" / "text" / "*.jsonl.zst"
PEERS = HERE.parent / ".peers"
SAMPLE = 2_000  # documents that all three see, evenly spaced over the corpus
TURNS = 2
PROFILES: tuple[Profile, ...] = ("curator", "datatrove", "dclm", "dolma")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--corpus", default=str(CORPUS))
    parser.add_argument("--datatrove", default=str(PEERS / "datatrove" / "bin" / "python"))
    parser.add_argument("--nemo", default=str(PEERS / "nemo" / "bin" / "python"))
    options = parser.parse_args()
    texts = read_texts(options.corpus)
    peers = {"datatrove": options.datatrove, "nemo": options.nemo}
    return report(whole_corpus(texts) + paired(texts, peers), as_json=options.json)


def read_texts(corpus: str) -> list[str]:
    found = sorted(glob.glob(corpus))
    if not found:
        sys.exit(f"no file matches {corpus}: name JSONL.zst files with --corpus")
    return [orjson.loads(line)["text"] for path in found for line in lines_of(path)]


def lines_of(path: str) -> list[bytes]:
    with pa.CompressedInputStream(pa.OSFile(path), "zstd") as stream:
        return bytes(stream.read()).splitlines()


def whole_corpus(texts: list[str]) -> list[Row]:
    """Speed of all statistics of every profile, on all documents."""
    text = pa.array(texts, pa.large_string())
    megabytes = sum(len(one.encode()) for one in texts) / 1e6
    language = identify(text)["language"]
    rows = [Row(what="corpus", value=megabytes, unit="MB"), Row(what="corpus", value=len(texts), unit="documents")]
    for profile in PROFILES:
        seconds = ours(text, language, profile)[0]
        target = ">= 30" if profile == "curator" else ""
        rows.append(Row(what=f"all statistics, {profile}", value=megabytes / seconds, unit="MB/s/core", target=target))
    return rows


def ours(text: pa.Array, language: pa.ChunkedArray, profile: Profile) -> tuple[float, list[bool]]:
    """Processor seconds of all statistics and verdicts (compiled before), and which documents stay."""
    verdicts(text.slice(0, 10), language.slice(0, 10), profile)
    started = time.process_time()
    found = verdicts(text, language, profile)
    return time.process_time() - started, [reason is None for reason in found["reason"].to_pylist()]


def verdicts(text: pa.Array, language: pa.ChunkedArray, profile: Profile) -> pa.Table:
    statistics = text_statistics(text, language, profile).append_column("language", language)
    no_lines_removed = pa.array(np.zeros(len(text), np.float32))
    return judge(statistics.append_column("removed_words", no_lines_removed), Filters(profile=profile))


def paired(texts: list[str], peers: dict[str, str]) -> list[Row]:
    """Ours and theirs in turn on one sample: the smallest of all turns, documents per processor second."""
    sample = [texts[place * len(texts) // SAMPLE] for place in range(SAMPLE)]
    text = pa.array(sample, pa.large_string())
    language = identify(text)["language"]
    own_seconds, found = [], dict[str, list[dict[str, Any]]]()
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps({"text": one}) + "\n" for one in sample)
        file.flush()
        for _ in range(TURNS):
            for name, python in peers.items():
                own_seconds.append(ours(text, language, "curator")[0])
                found.setdefault(name, []).append(run_peer(name, python, file.name))
    rows = [Row(what="sample: ours", value=SAMPLE / min(own_seconds), unit="documents/s")]
    for name, target in (("datatrove", ">= 100"), ("nemo", ">= 20")):
        seconds = min(turn["cpu_seconds"] for turn in found[name])
        rows.append(Row(what=f"sample: {name}", value=SAMPLE / seconds, unit="documents/s"))
        rows.append(Row(what=f"ours over {name}", value=seconds / min(own_seconds), unit="times", target=target))
    return [*rows, agreement(text, language, found["datatrove"][0]["kept"])]


def run_peer(name: str, python: str, file: str) -> dict[str, Any]:
    if not Path(python).exists():
        sys.exit(f"{python} is not there: `make bench-peers` sets up the environments of the peers")
    command = [python, str(HERE / "peers" / f"{name}_filters.py"), file]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def agreement(text: pa.Array, language: pa.ChunkedArray, theirs: list[bool]) -> Row:
    """How often our profile `datatrove`, with the lines of C4 removed first, keeps or drops as datatrove's chain."""
    kept = ours(clean_lines(clean_text(text), C4_LINES)[0], language, "datatrove")[1]
    same = sum(one == other for one, other in zip(kept, theirs, strict=True))
    return Row(what="profile datatrove decides as datatrove", value=same / len(kept), unit="of documents")


if __name__ == "__main__":
    sys.exit(main())
