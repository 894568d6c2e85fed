"""The files of the step `order`: the mixture that stages come to, and where the order is cut into output shards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curator.store.arrays import from_npy, from_npz, to_npy, to_npz
from curator.store.step_folder import StepFolder

CUTS = "cuts.npy"
CURRICULUM = "curriculum.npz"
ORDER = "order.json"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """`mixture` is tokens (slices, groups) between `edges` (slices + 1) of the order, of a document's copies each."""

    edges: Floats
    mixture: Floats

    def write(self, folder: StepFolder) -> None:
        folder.write_bytes(CURRICULUM, to_npz(edges=self.edges, mixture=self.mixture))

    @staticmethod
    def read(folder: StepFolder) -> Curriculum:
        return Curriculum(**from_npz(folder.read_bytes(CURRICULUM)))


def write_cuts(folder: StepFolder, cuts: npt.NDArray[np.uint64]) -> None:
    folder.write_bytes(CUTS, to_npy(cuts))


def read_cuts(folder: StepFolder) -> npt.NDArray[np.uint64]:
    """The keys at which all output shards but the first begin, rising, uint64."""
    return from_npy(folder.read_bytes(CUTS))
