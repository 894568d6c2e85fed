"""What decides about each document of a shard how it is rephrased: the strategies that apply to it, its weight and its concept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.assignment_rates import gap_weights
from curator.algorithms.quality_ranks import CLASSES
from curator.config.rephrase import OTHER, Rephrase
from curator.config.sequence import Mixture, Sequence
from curator.rephrase.strategy import Strategy
from curator.steps.concept_files import QUOTAS
from curator.steps.order_groups import Groups
from curator.steps.order_rows import OrderRows
from curator.steps.survivors import Upstream
from curator.steps.tokens import estimated_tokens
from curator.store.step_folder import StepFolder
from curator.store.tables import read_parquet

LEVELS = 32  # of weight for each factor of two: documents within 2 % of each other are one group
MOST_STRATEGIES = 64  # bits of `eligible`

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curated:
    """The documents (n,) of a shard by doc_id. Bit s of `eligible` is set where strategy s applies; none is where weight is 0.

    The weight is 2^(level / LEVELS). Without concepts all are of concept 0. `caption`: whether it is one of a medium.
    """

    doc_id: Ids
    tokens: Integers
    copies: Integers
    concept: Ids
    level: Integers
    eligible: Ids
    caption: Bools


@dataclass(frozen=True, kw_only=True)
class AssignRows:
    """Reads what the steps before have found out. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    rephrase: Rephrase
    strategies: tuple[Strategy, ...]

    @cached_property
    def ranking(self) -> OrderRows:
        """Ranks documents by quality among all tokens, as the training order does."""
        classes = Mixture(quality=dict.fromkeys(CLASSES, 1.0))
        sequence = Sequence(stages=((0.0, classes),), seed=self.rephrase.seed)
        return OrderRows(folder=self.folder, inputs=self.inputs, sequence=sequence)

    def curated(self, shard: int) -> Curated:
        """What decides about the documents of a shard."""
        concepts = ["concept_id", "theme_id"] if "concepts" in self.inputs else []
        columns = ["doc_id", "source", "language", "copies", *concepts]
        rows = self.inputs["curate"].read("curated", shard, columns)
        numeric = ("numeric_words",) if any(strategy.numbers for strategy in self.strategies) else ()
        statistics = Upstream.of(self.inputs).statistics(shard, ("bytes", "is_caption", *numeric))
        quality = self.ranking.classes(shard)
        weight = self._weights(rows, quality)
        eligible = np.zeros(rows.num_rows, np.uint64)
        for number, strategy in enumerate(self.strategies):
            fits = (weight > 0) & applies(strategy, rows["language"], quality, statistics)
            eligible |= fits.astype(np.uint64) << np.uint64(number)
        return Curated(
            doc_id=rows["doc_id"].to_numpy(),
            tokens=estimated_tokens(statistics),
            copies=rows["copies"].to_numpy().astype(np.int64),
            concept=_concepts(rows),
            level=levels(weight),
            eligible=eligible,
            caption=statistics["is_caption"].to_numpy(),
        )

    def _weights(self, rows: pa.Table, quality: npt.NDArray[np.uint8]) -> Floats:
        """The product of the weights of language, source, theme and class of quality, and of that of the concept and its gap."""
        choice = self.rephrase.choice
        mixture = Mixture(language=choice.language, source=choice.source, theme=choice.theme, quality=choice.quality)
        groups = Groups.of([mixture])
        names = {
            "language": rows["language"].cast(pa.string()),
            "source": rows["source"].cast(pa.string()),
            "quality": pa.array(CLASSES).take(pa.array(quality)),
            **({"theme": rows["theme_id"].cast(pa.string())} if "theme_id" in rows.column_names else {}),
        }
        chosen = groups.weights([mixture])[0][groups.numbers(names, rows.num_rows)]
        ids, weights = self._concept_weights
        return np.asarray(chosen * weights[np.searchsorted(ids, _concepts(rows))] if len(ids) else chosen)

    @cached_property
    def _concept_weights(self) -> tuple[Ids, Floats]:
        """All concepts, ascending, and their weights, times what they lack; none where concepts have no quotas."""
        if "budgets" not in self.inputs:
            return np.zeros(0, np.uint64), np.zeros(0)
        rows = read_parquet(self.inputs["budgets"].folder, QUOTAS, ["concept_id", "share", "quota"])
        choice, ids = self.rephrase.choice, rows["concept_id"].to_numpy().astype(np.uint64)
        named = [choice.concept.get(str(concept), choice.concept.get(OTHER, 1.0)) for concept in ids.tolist()]
        return ids, gap_weights(rows["share"].to_numpy(), rows["quota"].to_numpy(), choice.gaps) * np.array(named)


def applies(
    strategy: Strategy, language: pa.ChunkedArray, quality: npt.NDArray[np.uint8], statistics: pa.Table
) -> Bools:
    """To which documents (n,) a strategy applies: by their class, their language, their length, and the numbers in their text;
    to captions where it is made for them, else to all others.

    Numbers are words of digits without letters, as `ingest` has counted them, so no text is read.
    """
    fits: Bools = estimated_tokens(statistics) >= max(1, strategy.least_tokens)
    fits &= statistics["is_caption"].to_numpy() == strategy.for_captions
    if strategy.quality:
        fits &= np.isin(quality, [CLASSES.index(name) for name in strategy.quality])
    if strategy.languages:
        fits &= pc.is_in(language, value_set=pa.array(strategy.languages, pa.string())).to_numpy()
    if strategy.numbers:
        fits &= 100 * statistics["numeric_words"].to_numpy().astype(np.float64) >= strategy.numbers
    return fits


def levels(weight: Floats) -> Integers:
    """The level of each weight (n,), 0 for what has none."""
    logs = np.log2(weight, out=np.zeros(len(weight)), where=weight > 0)
    return np.asarray((logs * LEVELS).round(), dtype=np.int64)


def weights_of(level: Integers) -> Floats:
    """The weight of each level (n,)."""
    return np.asarray(np.exp2(level.astype(np.float64) / LEVELS))


def sets_of(eligible: Ids, count: int) -> Bools:
    """The strategies (k, count) of each set (k,)."""
    return np.asarray((eligible[:, None] >> np.arange(count, dtype=np.uint64)) & np.uint64(1), dtype=np.bool_)


def _concepts(rows: pa.Table) -> Ids:
    if "concept_id" not in rows.column_names:
        return np.zeros(rows.num_rows, np.uint64)
    return np.asarray(rows["concept_id"].to_numpy(), dtype=np.uint64)
