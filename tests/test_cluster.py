"""What a driver can tell of the workers of a cluster whose nodes have environments of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray
from ray.cluster_utils import Cluster

from curator.cluster import nodes_without, ray_cluster
from curator.config.engines import HttpEngine
from curator.config.rephrase import Rephrase
from curator.config.schema import Resources
from curator.errors import EngineError
from curator.preflight import check_key

HERE, NOWHERE, DRIVER = "CURATOR_TEST_HERE", "CURATOR_TEST_NOWHERE", "CURATOR_TEST_DRIVER"
SECRET = "sk-very-secret-0123456789"


def with_key(name: str | None) -> Rephrase:
    return Rephrase(http=HttpEngine(url="http://127.0.0.1:9/v1", model="small", key_variable=name))


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[None]:
    """The second node has a key that the first has not; neither has what the driver has."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1, env_vars={HERE: SECRET})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DRIVER, SECRET)
        with ray_cluster(Resources(ray_address=cluster.address)):
            yield
    cluster.shutdown()


def test_a_key_must_be_set_on_every_node_and_the_driver_s_does_not_count(two_nodes: None) -> None:
    nodes = {node["NodeManagerAddress"] for node in ray.nodes()}
    assert len(nodes_without(HERE)) == 1
    assert len(nodes_without(DRIVER)) == len(nodes_without(NOWHERE)) == 2
    assert set(nodes_without(NOWHERE)) == nodes


def test_a_run_is_told_so_in_one_sentence_that_holds_no_key(two_nodes: None) -> None:
    with pytest.raises(
        EngineError, match=f"the environment variable {HERE} is not set for the workers on [0-9.]+;"
    ) as one:
        check_key(with_key(HERE))
    assert SECRET not in str(one.value)
    with pytest.raises(EngineError, match=f"{DRIVER} is not set for the workers on [0-9.]+ and 1 more;.*`ray start`"):
        check_key(with_key(DRIVER))


def test_an_engine_without_a_key_needs_none(two_nodes: None) -> None:
    check_key(with_key(None))
