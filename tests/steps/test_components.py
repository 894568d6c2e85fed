"""Connected components over exchanges equal those of scipy, through the shuffle too, and fail hard where rounds do not end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from curator.algorithms import stars
from curator.cluster import ray_cluster
from curator.config.schema import Resources
from curator.errors import StoreError
from curator.steps.components import NODES, components
from curator.steps.exchange import Exchanger, InMemory, Source, Staged
from curator.steps.step import Job, Step
from curator.store.files import Folder
from curator.store.step_folder import StepFolder
from tests.algorithms.components_by_scipy import roots_by_scipy

Pairs = npt.NDArray[np.uint64]
PARTS = 3


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    with ray_cluster(Resources(cpus=2, object_store_bytes=200_000_000)):
        yield


def staged(folder: Path) -> Staged:
    kept = StepFolder(Folder(str(folder)))
    step = Step(name="near", settings={}, version=1, work=lambda job: None)
    job = Job(step=step, folder=kept, inputs={}, exchange_bytes=0, watch=lambda event: None, commits=kept.committed())
    return Staged(job, [0])


def part_of(part: int, *, pairs: Pairs) -> pa.Table:
    mine = pairs[part::PARTS]
    return pa.table([mine[:, 0], mine[:, 1]], schema=NODES)


def labels(exchanger: Exchanger, pairs: Pairs) -> dict[int, int]:
    source = Source(tasks=range(PARTS), emit=partial(part_of, pairs=pairs), rows=len(pairs))
    found = components(exchanger, "components", [source])
    rows = pa.concat_tables([NODES.empty_table(), *(found.read(part) for part in found.parts)])
    return dict(zip(rows["left"].to_pylist(), rows["right"].to_pylist(), strict=True))


def expected(pairs: Pairs) -> dict[int, int]:
    """Each node but the smallest of its component, with the smallest."""
    nodes, roots = roots_by_scipy(pairs[:, 0], pairs[:, 1])
    return {int(node): int(root) for node, root in zip(nodes, roots, strict=True) if node != root}


def graph(seed: int, nodes: int, edges: int) -> Pairs:
    rng = np.random.default_rng(seed)
    names = rng.choice(np.uint64(1) << np.uint64(62), nodes, replace=False).astype(np.uint64)
    pairs: Pairs = names[rng.integers(0, nodes, (edges, 2))]
    return pairs[pairs[:, 0] != pairs[:, 1]]


def chain(length: int) -> Pairs:
    names = np.random.default_rng(5).permutation(length).astype(np.uint64)
    return np.stack([names[:-1], names[1:]], axis=1)


@pytest.mark.parametrize("seed", range(5))
def test_components_in_memory_equal_scipy(seed: int) -> None:
    pairs = graph(seed, 400, 300)
    assert labels(InMemory(), pairs) == expected(pairs)


def test_a_chain_through_the_shuffle_is_one_component(cluster: None, tmp_path: Path) -> None:
    pairs = chain(3_000)
    assert labels(staged(tmp_path), pairs) == dict.fromkeys(range(1, 3000), 0)


def test_a_random_graph_through_the_shuffle_equals_scipy(cluster: None, tmp_path: Path) -> None:
    pairs = graph(9, 600, 500)
    assert labels(staged(tmp_path), pairs) == expected(pairs)
    rounds = [name for name in staged(tmp_path).job.commits if name.startswith("components-large")]
    assert len(rounds) > 1, "one round would prove nothing of the others"


def test_rounds_that_do_not_end_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stars, "MAX_ROUNDS", 1)
    with pytest.raises(StoreError, match="not converged after 1 round"):
        labels(InMemory(), chain(3_000))
