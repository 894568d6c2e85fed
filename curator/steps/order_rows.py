"""What is known of the curated documents of a shard when they are put in order: their tokens, copies, groups and difficulty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.quality_ranks import CLASSES, RANKS, quality_classes
from curator.config.sequence import DIFFICULTY_CLASSES, ORIGINAL, Sequence
from curator.steps.draws import Draw
from curator.steps.order_groups import Groups
from curator.steps.order_quantiles import Quantiles, Values, quantiles_of
from curator.steps.samples import mixed
from curator.steps.survivors import Upstream, aligned
from curator.steps.synthetic_tables import origins_of, written
from curator.steps.tokens import estimated_tokens
from curator.store.arrays import from_npz, to_npz
from curator.store.step_folder import Commit, StepFolder
from curator.text.difficulty import Measure

QUANTILES = "quantiles.npz"
WITHIN_LANGUAGE = ("compression", "diversity", "readability", "loss")
"""Their numbers say nothing across languages: by them all text of one language was easier than that of another."""
TIES = {"quality": Draw.QUALITY_TIES, "difficulty": Draw.DIFFICULTY_TIES}


@dataclass(frozen=True, kw_only=True)
class OrderRows:
    """Reads what `curate` has written, and what this step itself has found out before. Travels to workers."""

    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    sequence: Sequence

    @property
    def curated(self) -> StepFolder:
        """What is put in order."""
        return written(self.inputs)

    @property
    def groups(self) -> Groups:
        return Groups.of([mixture for _, mixture in self.sequence.stages])

    @property
    def ranked(self) -> tuple[str, ...]:
        """Of what quantiles are needed: quality, difficulty, both or neither."""
        asked = {"quality": "quality" in self.groups.names, "difficulty": self.sequence.asks_difficulty}
        return tuple(name for name, is_asked in asked.items() if is_asked)

    @property
    def text_measure(self) -> Measure | Literal["loss"] | None:
        """What texts must be read for to know how difficult they are."""
        measure = self.sequence.difficulty
        if not self.sequence.asks_difficulty or measure == "quality" or measure == "distance":
            return None
        return measure

    def documents(self, shard: int) -> pa.Table:
        """doc_id, copies (int32) and tokens (int64) of the documents of a shard, by doc_id."""
        rows = self.curated.read("curated", shard, ["doc_id", "copies"])
        return rows.append_column("tokens", pa.array(self._tokens(shard)))

    def group_numbers(self, shard: int) -> npt.NDArray[np.int32]:
        """The group of each document of a shard."""
        kinds = self.groups.names
        columns = {"theme": "theme_id"}
        stored = [columns.get(kind, kind) for kind in kinds if kind not in ("quality", "difficulty")]
        rows = self.curated.read("curated", shard, ["doc_id", *stored])
        names = {
            kind: rows[columns.get(kind, kind)].cast(pa.string())
            for kind in kinds
            if kind in ("source", "language", "theme")
        }
        if "synthetic" in kinds:
            names["synthetic"] = pc.fill_null(pc.struct_field(rows["synthetic"], "strategy"), ORIGINAL)
        if "quality" in kinds:
            names["quality"] = pa.array(CLASSES).take(pa.array(self.classes(shard)))
        if "difficulty" in kinds:
            third = (self.ranks(shard, "difficulty") * len(DIFFICULTY_CLASSES)).astype(np.int64)
            names["difficulty"] = pa.array(DIFFICULTY_CLASSES).take(pa.array(third))
        return self.groups.numbers(names, rows.num_rows)

    def classes(self, shard: int) -> npt.NDArray[np.uint8]:
        """The class of quality (of CLASSES) of each document of a shard."""
        return quality_classes(np.minimum(self.ranks(shard, "quality") * RANKS, RANKS - 1).astype(np.uint8))

    def ranks(self, shard: int, what: str) -> npt.NDArray[np.float64]:
        """Where each document of a shard stands by its quality or difficulty, in [0, 1): among the tokens of all, or of its
        language where the measure compares within one only.
        """
        rows = self.curated.read("curated", shard, ["doc_id", "language"])
        hashed = mixed(rows["doc_id"].to_numpy(), self.sequence.seed + TIES[what])
        return self._quantiles[what].ranks(self._values(shard, what), hashed, rows["language"])

    def values(self, shard: int) -> pa.Table:
        """doc_id, tokens, language and the values that are `ranked`, of the documents of a shard."""
        rows = self.curated.read("curated", shard, ["doc_id", "language"])
        rows = rows.append_column("tokens", pa.array(self._tokens(shard)))
        for name in self.ranked:
            rows = rows.append_column(name, pa.array(self._values(shard, name)))
        return rows

    def conclude_quantiles(self, rows: pa.Table) -> Commit:
        """Write the quantiles of what is ranked, by the `values` of a sample (doc_id is the key)."""
        rows = rows.sort_by("key")
        tokens = rows["tokens"].to_numpy()
        arrays: dict[str, npt.NDArray[Any]] = {}
        for name in self.ranked:
            inside = rows["language"] if name == "difficulty" and self.sequence.difficulty in WITHIN_LANGUAGE else None
            found = quantiles_of(rows[name].to_numpy(), tokens, inside)
            arrays |= {f"{name}_{part}": array for part, array in vars(found).items()}
        self.folder.write_bytes(QUANTILES, to_npz(**arrays))
        return Commit(name="quantiles", shards=())

    @cached_property
    def _quantiles(self) -> dict[str, Quantiles]:
        arrays = from_npz(self.folder.read_bytes(QUANTILES))
        return {
            name: Quantiles(languages=arrays[f"{name}_languages"], edges=arrays[f"{name}_edges"])
            for name in self.ranked
        }

    def _tokens(self, shard: int) -> npt.NDArray[np.int64]:
        if "tokenize" in self.inputs:
            tokens: npt.NDArray[np.int64] = (
                self.inputs["tokenize"].read("lengths", shard, ["tokens"])["tokens"].to_numpy()
            )
            return tokens
        if "blend" in self.inputs:
            return estimated_tokens(self.inputs["blend"].read("sizes", shard, ["bytes"]))
        return estimated_tokens(Upstream.of(self.inputs).statistics(shard, ("bytes",)))

    def _values(self, shard: int, what: str) -> Values:
        if what == "difficulty" and self.text_measure:
            found = self.folder.read("difficulty", shard)["difficulty"]
        elif what == "difficulty" and self.sequence.difficulty == "distance":
            documents = self.curated.read("curated", shard, ["doc_id"])["doc_id"].to_numpy()
            origins = origins_of(self.inputs, shard, documents)
            found = aligned(self.inputs["concepts"].read("assignments", shard), origins)["distance"]
        else:
            found = self.curated.read("curated", shard, ["quality"])["quality"]
        return np.asarray(found.to_numpy(), dtype=np.float32)
