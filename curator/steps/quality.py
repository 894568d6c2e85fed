"""Step `quality`: scores become ranks inside each language, ranks one quality, and that decides what stays.

The cut points come from a sample of scores, so a document is judged on its own row; texts are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.quality_ranks import CLASSES, quality_classes
from curator.config.quality import Quality, Texts
from curator.models.quality_scorers import score_names
from curator.readers.texts import read_texts, texts_digest
from curator.steps.exchange import Exchange
from curator.steps.gather import Sample, gather, gather_sample
from curator.steps.graph import over_shards
from curator.steps.quality_models import suspended
from curator.steps.quality_report import (
    QUALITY,
    ROWS_OF_A_VALUE,
    TALLY_BYTES,
    added_up,
    shown,
    tally,
    watched_rows,
)
from curator.steps.quality_rule import Ranks, Rule, Scores, rule_of
from curator.steps.samples import drawn
from curator.steps.scores import scores_of
from curator.steps.step import Job
from curator.steps.survivors import Upstream, apply_drops, drops_table, shards_with_documents
from curator.store.files import Folder
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import to_parquet
from curator.text.buffers import one_array
from curator.text.language import identify

VERSION = 3
RULE = "rule.npz"
WATCHED_DOCUMENTS = 2_000


def settings_of(quality: Quality) -> dict[str, Any]:
    """What decides the ranks and the drops, beside the scores."""
    decides = quality.model_dump(
        include={"combine", "keep_share", "temperature", "spared", "rank_documents", "language_documents", "seed"}
    )
    watched = {name: [texts_digest(texts.path), texts.text_field] for name, texts in quality.watched.items()}
    return {**decides, "watched": watched}


def run(job: Job, *, quality: Quality) -> None:
    """Write `rule.npz`; for every shard `quality` (doc_id, quality float32 from 0 to 1, quality_rank and quality_class uint8),
    `drops` and `tally`; and `quality.parquet`, what of each source, language and length stays.
    """
    upstream = Upstream.of(job.inputs)
    work = Work(folder=job.folder, upstream=upstream, scores=job.inputs["scores"], quality=quality)
    shards = shards_with_documents(upstream.last)
    if shards and "rule" not in job.commits:
        sample = Sample(wanted=quality.rank_documents, of=upstream.last.total("documents_out"), seed=quality.seed)
        emit = partial(work.sampled, sample=sample)
        gather_sample(job, sample, emit, shards, work.conclude, row_bytes=16 + 4 * len(score_names(quality)))
    over_shards(job, shards, work.judge_shard)
    if shards and "report" not in job.commits:
        exchange = Exchange(emit=work.tally, reduce=added_up, row_bytes=TALLY_BYTES)
        gather(job, exchange, shards, work.conclude_report, 3 * ROWS_OF_A_VALUE * len(shards))


@dataclass(frozen=True, kw_only=True)
class Work:
    """What the tasks do. Travels to workers."""

    folder: StepFolder
    upstream: Upstream
    scores: StepFolder
    quality: Quality

    def sampled(self, shard: int, *, sample: Sample) -> pa.Table:
        """The scores of the sampled documents: key (doc_id), a column for each model, and language."""
        rows = self.scores.read("scores", shard)
        language = self.upstream.statistics(shard, ("language",))["language"]
        return sample.rows(rows.append_column("language", language))

    def conclude(self, rows: pa.Table) -> Commit:
        """Write the rule that the sample gives."""
        rows = rows.sort_by("key").combine_chunks()
        self.folder.write_bytes(RULE, rule_of(rows, self.quality).to_bytes())
        return Commit(name="rule", shards=(), counts={"rank_documents": rows.num_rows})

    def judge_shard(self, shard: int) -> Commit:
        """Write the quality of the survivors of a shard, and who of them goes."""
        rows = self.scores.read("scores", shard)
        language = self.upstream.statistics(shard, ("language",))["language"]
        value, ranks, stay = _rule(self.folder.folder.uri).judged(rows, language, self.quality.combine)
        classes = quality_classes(ranks)
        columns = {"doc_id": rows["doc_id"], "quality": value, "quality_rank": ranks, "quality_class": classes}
        self.folder.write("quality", shard, pa.table(columns))
        documents = rows["doc_id"].to_numpy()
        drops = self._drops(shard, documents, value, classes, stay)
        stays = ~np.isin(documents, drops["doc_id"].to_numpy())
        self.folder.write("tally", shard, tally(shard, self.upstream, stays))
        return apply_drops(self.folder, self.upstream, shard, drops)

    def _drops(
        self,
        shard: int,
        documents: npt.NDArray[np.uint64],
        value: Scores,
        classes: Ranks,
        stay: npt.NDArray[np.float64],
    ) -> pa.Table:
        """Suspended documents that are not spared, for what they failed; of the others those that are not drawn."""
        failed = suspended(self.upstream, shard)
        if self.quality.spared is not None and failed.num_rows:
            place = np.searchsorted(documents, failed["doc_id"].to_numpy())
            failed = failed.filter(pa.array(classes[place] < CLASSES.index(self.quality.spared)))
        captions = self.upstream.statistics(shard, ("is_caption",))["is_caption"].to_numpy()
        spared = captions | np.isin(documents, failed["doc_id"].to_numpy())
        low = ~drawn(documents, stay, seed=self.quality.seed) & ~spared
        drops = drops_table(documents[low], "low_quality", value[low].astype(np.float64), None)
        return pa.concat_tables([failed, drops]).sort_by("doc_id")

    def tally(self, shard: int) -> pa.Table:
        rows = self.folder.read("tally", shard)
        return rows.append_column("key", pa.array(np.full(rows.num_rows, shard, np.uint64)))

    def conclude_report(self, rows: pa.Table) -> Commit:
        """Write `quality.parquet`, with the watched texts in it."""
        watched = watched_rows({name: self._watched(texts) for name, texts in self.quality.watched.items()})
        rows = shown(pa.concat_tables([added_up(rows), watched]))
        self.folder.write_bytes(QUALITY, to_parquet(rows).to_pybytes())
        return Commit(name="report", shards=(), counts={})

    def _watched(self, texts: Texts) -> tuple[int, float]:
        """How many watched texts there are, and the mean probability with which they would stay."""
        column = read_texts(
            texts.path,
            texts.text_field,
            documents=WATCHED_DOCUMENTS,
            characters=self.quality.sample_characters,
            seed=self.quality.seed,
        )
        language = identify(column)["language"]
        stay = judged_by(column, language, scores=self.scores, rule=self.folder, quality=self.quality)[2]
        return len(column), float(stay.mean())


def judged_by(
    texts: pa.Array, language: pa.ChunkedArray, *, scores: StepFolder, rule: StepFolder, quality: Quality
) -> tuple[Scores, Ranks, npt.NDArray[np.float64]]:
    """Quality, rank and probability to stay, as `Rule.judged`, of texts from elsewhere: by the models of the finished step
    `scores`, and the rule of this one's folder.
    """
    found = scores_of(texts, one_array(language), scores, quality)
    return _rule(rule.folder.uri).judged(found, language, quality.combine)


@lru_cache(maxsize=1)
def _rule(uri: str) -> Rule:
    """Read once in a process. A step's folder is named after what decides its rule."""
    return Rule.from_bytes(StepFolder(Folder(uri)).read_bytes(RULE))
