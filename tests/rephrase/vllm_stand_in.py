"""Ray for tests of vLLM: a package of its names stands in for it, with a GPU that is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray

STAND_IN = str(Path(__file__).parent / "stand_in")


@contextmanager
def cluster_with_stand_in() -> Iterator[None]:
    """Ray whose workers find the package."""
    ray.init(
        num_cpus=4,
        num_gpus=1,
        include_dashboard=False,
        runtime_env={"env_vars": {"PYTHONPATH": STAND_IN}},
        log_to_driver=False,
    )
    try:
        yield
    finally:
        ray.shutdown()
