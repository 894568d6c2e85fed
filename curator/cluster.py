"""The Ray cluster of a run: the one around it, a named one, or a local one that ends with it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import ray
import ray.data
from ray.exceptions import RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator.config.schema import Resources
from curator.errors import ConfigError, CuratorError

RAY_ADVICE = "\nFailed to apply UDF transform"
"""How what Ray Data 2.60 appends to the message of any exception begins: advice on retries, which would mend nothing."""


@contextmanager
def ray_cluster(resources: Resources) -> Iterator[None]:
    """Connect to Ray for the time of a run. Errors of workers come out as the CuratorError that they were."""
    _start(resources)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.raise_original_map_exception = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # every error is raised too, and one sentence then says it
    try:
        yield
    except RayTaskError as error:
        raise _cause(error) from error
    finally:
        ray.shutdown()


def cluster_address(resources: Resources) -> str | None:
    """The cluster to connect to; None where a local one is to be started."""
    return resources.ray_address or os.environ.get("RAY_ADDRESS")


def nodes_without(variable: str) -> list[str]:
    """Addresses of the nodes whose workers do not have this environment variable, in order. Ray is up.

    A task on each node looks: the environment of a worker is that of its node, not that of the driver. What it holds stays there.
    """
    known = ray.nodes()  # type: ignore[no-untyped-call]
    nodes = [node for node in known if node["Alive"] and node["Resources"].get("CPU")]
    places = [NodeAffinitySchedulingStrategy(node["NodeID"], soft=True) for node in nodes]
    look = ray.remote(num_cpus=0)(_is_set)
    found = ray.get([look.options(scheduling_strategy=place).remote(variable) for place in places])
    return sorted(node["NodeManagerAddress"] for node, is_set in zip(nodes, found, strict=True) if not is_set)


def _is_set(variable: str) -> bool:
    return bool(os.environ.get(variable, "").strip())


def _start(resources: Resources) -> None:
    address = cluster_address(resources)
    if address:
        try:
            ray.init(address=address, logging_level=logging.ERROR)
        except ConnectionError as error:
            raise ConfigError(f"no Ray cluster answers at {address}: {error}") from error
        return
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # ray-project/ray#53727: a false alarm for every actor pool
    ray.init(
        address="local",  # without it Ray joins whatever cluster this machine runs, and then refuses num_cpus
        num_cpus=resources.cpus,
        object_store_memory=resources.object_store_bytes,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )


def _cause(error: BaseException) -> BaseException:
    """The CuratorError inside an error that came from a worker, or the error itself.

    Ray's own error is of both classes, and its text is the worker's traceback: what it carries is looked at first.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, CuratorError) and not isinstance(seen, RayTaskError):
            seen.args = (str(seen).partition(RAY_ADVICE)[0],)
            return seen
        seen = getattr(seen, "cause", None) or seen.__cause__
    return error
