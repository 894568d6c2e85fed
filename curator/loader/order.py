"""What all data sets have that read a folder in training order: their rank, and how far training is."""

from __future__ import annotations

from torch import distributed
from torch.utils.data import IterableDataset, get_worker_info

from curator.errors import ConfigError
from curator.store.files import Folder
from curator.store.sequences import read_index


class TrainingOrder(IterableDataset):  # type: ignore[misc]
    """A folder of sequences (a local path or a URI) for one of `world` ranks; what it yields, its subclasses say.

    `rank` and `world` are those of torch.distributed where it is initialised, else give both. `position` is how many sequences
    all ranks together have taken. Raises InputError or StoreError where the folder cannot be read, ConfigError for ranks that
    cannot be.
    """

    def __init__(self, *, path: str, rank: int | None = None, world: int | None = None) -> None:
        super().__init__()
        self.folder = Folder(path)
        self.index = read_index(self.folder)
        self.rank, self.world = _place(rank, world)
        self.position = 0

    def state_dict(self) -> dict[str, int]:
        """How many sequences all ranks together have taken, and how many there are: by `took`, not by what was iterated."""
        if get_worker_info() is not None:
            raise RuntimeError(
                "a worker does not know what was trained on: ask the data set of the main process for its state"
            )
        return {"sequences": self.position, "of": self.index.sequences}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on after the sequences that the state counts. Raises ConfigError for the state of another folder."""
        if state["of"] != self.index.sequences or not 0 <= state["sequences"] <= state["of"]:
            raise ConfigError(
                f"{state} is not a state of {self.folder.uri}, which has {self.index.sequences} sequences"
            )
        self.position = state["sequences"]


def worker_place() -> tuple[int, int]:
    """The number of this worker of a DataLoader, and how many there are: 0 of 1 outside of workers."""
    worker = get_worker_info()
    return (0, 1) if worker is None else (worker.id, worker.num_workers)


def _place(rank: int | None, world: int | None) -> tuple[int, int]:
    if rank is None and world is None:
        started = distributed.is_available() and distributed.is_initialized()
        return (distributed.get_rank(), distributed.get_world_size()) if started else (0, 1)
    if rank is None or world is None or not 0 <= rank < world:
        raise ConfigError(f"rank {rank} of world {world} is none: give both, ranks count from 0")
    return rank, world
