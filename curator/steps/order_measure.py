"""How difficult the texts of each shard are. For the measure `loss` a sample of all documents meets first, and is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.models.proxy_loss import ProxyLoss, fit_proxy_loss
from curator.steps.draws import Draw
from curator.steps.gather import Sample, gather_sample
from curator.steps.graph import over_shards
from curator.steps.order_rows import OrderRows
from curator.steps.samples import mixed
from curator.steps.step import Job
from curator.store.files import Folder
from curator.store.ids import shard_name
from curator.store.step_folder import Commit, StepFolder
from curator.text.buffers import first_characters, one_array
from curator.text.difficulty import difficulty

PROXY = "proxy_loss.npz"
PROXY_DOCUMENTS, PROXY_CHARACTERS = 20_000, 5_000
"""Models of 10,000 and 20,000 real texts put English ones in the order of 40,000 with a rank correlation of .92 and .96. Bytes
are 100 to 400 MB, with their n-grams about 1 GB. More of a text is not scored either: words repeat, so long texts were easier.
"""


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """Measures the texts of shards that have `documents` together. Travels to workers."""

    rows: OrderRows
    documents: int

    def run(self, job: Job, shards: Sequence[int]) -> None:
        """Write `proxy_loss.npz` where it is needed, and the table `difficulty` of every shard."""
        if self.needs_proxy and "proxy" not in job.commits:
            gather_sample(job, self.sample, self.sampled, shards, self.conclude_proxy, row_bytes=PROXY_CHARACTERS)
        over_shards(job, shards, self.measure, name=measured_name)

    @property
    def needs_proxy(self) -> bool:
        return self.rows.text_measure == "loss"

    @property
    def sample(self) -> Sample:
        return Sample(wanted=PROXY_DOCUMENTS, of=self.documents, seed=self.rows.sequence.seed + Draw.PROXY_SAMPLE)

    def sampled(self, shard: int) -> pa.Table:
        """Beginnings of the sampled documents: key (doc_id), text."""
        return self.sample.beginnings(self._read(shard, "text"), PROXY_CHARACTERS)

    def conclude_proxy(self, rows: pa.Table) -> Commit:
        """Fit and write the models of the two halves."""
        rows = rows.sort_by("key").combine_chunks()
        model = fit_proxy_loss(one_array(rows["text"]), self._halves(rows["key"]))
        self.rows.folder.write_bytes(PROXY, model.to_bytes())
        return Commit(name="proxy", shards=(), counts={"proxy_documents": rows.num_rows})

    def measure(self, shard: int) -> Commit:
        """Write the table `difficulty` of a shard: doc_id, difficulty (float32)."""
        measure = self.rows.text_measure
        assert measure is not None, self.rows.sequence.difficulty
        if measure == "loss":
            rows = self._read(shard, "text")
            beginnings = one_array(first_characters(rows["text"], PROXY_CHARACTERS))
            found = _proxy(self.rows.folder.folder.uri).bits_per_word(beginnings, self._halves(rows["doc_id"]))
        else:
            rows = self._read(shard, "text", "language")
            found = difficulty(one_array(rows["text"]), one_array(rows["language"]), measure)
        self.rows.folder.write("difficulty", shard, pa.table({"doc_id": rows["doc_id"], "difficulty": found}))
        return Commit(name=measured_name(shard), shards=())

    def _read(self, shard: int, *columns: str) -> pa.Table:
        return self.rows.curated.read("curated", shard, ["doc_id", *columns])

    def _halves(self, documents: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
        """0 or 1 for each document, in the sample or not: it is fitted on by the model of its own half, scored by the other's."""
        return mixed(documents.to_numpy(), self.rows.sequence.seed + Draw.PROXY_HALVES) >> np.uint64(63)


def measured_name(shard: int) -> str:
    return f"difficulty-{shard_name(shard)}"


@lru_cache(maxsize=1)
def _proxy(uri: str) -> ProxyLoss:
    """Read once in a process. A step's folder is named after what decides its models."""
    return ProxyLoss.from_bytes(StepFolder(Folder(uri)).read_bytes(PROXY))
