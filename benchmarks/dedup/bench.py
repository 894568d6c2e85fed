"""Where the benchmark's things lie, and the runs that its parts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .corpus import Corpus, make_corpus
from .runs import Run, run_curator, run_peer

WARM_UP_DOCUMENTS = 400


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The work folder, the texts (None: the sample alone), the environments of the peers, the tools, curator's settings."""

    work: Path
    source: Path | None
    peers: Path
    tools: tuple[str, ...]
    settings: tuple[str, ...]
    reuse: bool

    def corpus(self, documents: int) -> Corpus:
        folder = self.work / f"corpus-{documents}"
        return make_corpus(folder, documents=documents, source=self.source, work=self.work)

    def output(self, tool: str, corpus: Corpus) -> Path:
        return corpus.folder / f"run-{tool}"

    def run(self, tool: str, corpus: Corpus, turns: int = 1) -> Run:
        """A run of one tool over a corpus, of several the cheapest; with `reuse` the one that was noted there before."""
        noted = corpus.folder / f"{tool}.json"
        if self.reuse and noted.exists():
            return Run.load(noted)
        return cheapest([self._run(tool, corpus) for _ in range(turns)]).save(noted)

    def start_up(self, turns: int = 1) -> Run:
        """The same steps over one tiny document, after a first run that compiles the kernels."""
        noted = self.work / "empty.json"
        if self.reuse and noted.exists():
            return Run.load(noted)
        run_curator({"warm-up": self.corpus(WARM_UP_DOCUMENTS).parquet}, self.work / "run-warm-up", self.settings)
        empty = self.work / "empty"
        empty.mkdir(exist_ok=True)
        pq.write_table(pa.table({"id": ["only"], "text": ["One document of a few words."]}), empty / "one.parquet")
        runs = [run_curator({"empty": empty}, self.work / "run-empty", self.settings) for _ in range(turns)]
        return cheapest(runs).save(noted)

    def _run(self, tool: str, corpus: Corpus) -> Run:
        output = self.output(tool, corpus)
        if tool == "curator":
            return run_curator({"bench": corpus.parquet}, output, self.settings)
        return run_peer(tool, self.peers / tool / "bin" / "python", corpus.parquet, output)


def cheapest(runs: Sequence[Run]) -> Run:
    """The run that took the fewest processor seconds: other work on the machine only adds to them."""
    return min(runs, key=lambda run: run.usage.cpu)
