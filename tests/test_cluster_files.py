"""The files in cluster/ cannot be run here; what they name must exist, and they must agree with each other."""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest
import yaml

from curator.config import load_config
from curator.config.evaluation import load_evaluation
from curator.steps.graph import MAX_RETRIES
from curator.store.lock import STALE_SECONDS

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "cluster").iterdir())
README = (ROOT / "cluster/README.md").read_text()
NIGHTLY = load_config(str(ROOT / "configs/nightly.yaml"))


def parsed(name):
    return yaml.safe_load((ROOT / "cluster" / name).read_text())


def kuberay_groups():
    cluster = parsed("kuberay-job.yaml")["spec"]["rayClusterSpec"]
    return [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]


def containers():
    return [container for group in kuberay_groups() for container in group["template"]["spec"]["containers"]]


def test_there_is_a_file_for_each_kind_of_cluster():
    assert {path.name for path in FILES} == {"README.md", "kuberay-job.yaml", "ray-cluster.yaml", "slurm.sh"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_entry_point_and_configuration_that_is_named_exists(path):
    text = path.read_text()
    named = re.findall(r"(?:/app/)?\b((?:jobs|configs|cluster)/[\w.-]+\.\w+)", text)
    assert [name for name in named if not (ROOT / name).is_file()] == []
    if path.name != "ray-cluster.yaml":
        assert "jobs/curate.py" in named
        assert "configs/nightly.yaml" in named


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_configuration_is_valid(path):
    load = load_evaluation if path.name == "evaluate.yaml" else load_config
    assert load(str(path)).output.path


def test_the_nightly_run_is_all_on_object_storage_and_skips_damaged_files():
    assert NIGHTLY.output.path.startswith("s3://YOUR-")
    assert all(source.path.startswith("s3://YOUR-") for source in NIGHTLY.input.sources)
    assert {source.path.rsplit(".", 1)[0].rsplit(".", 1)[-1] for source in NIGHTLY.input.sources} >= {"warc", "wet"}
    assert NIGHTLY.input.on_bad_file == "skip"
    assert NIGHTLY.embedding.gpus_per_actor == 1.0


def test_the_kubernetes_job_runs_the_entry_point_with_token_authentication():
    spec = parsed("kuberay-job.yaml")["spec"]
    assert spec["entrypoint"] == "python /app/jobs/curate.py --config /app/configs/nightly.yaml"
    assert spec["rayClusterSpec"]["authOptions"] == {"mode": "token"}


def test_every_pod_has_the_same_image_and_takes_its_secrets_from_the_environment():
    assert {container["image"] for container in containers()} == {"YOUR_REGISTRY/curator:YOUR_TAG"}
    secrets = [source["secretRef"]["name"] for container in containers() for source in container["envFrom"]]
    assert secrets == ["curator-object-storage"] * 3
    assert "create secret generic curator-object-storage" in README


def test_the_ray_version_is_the_one_of_the_constraints():
    (pinned,) = re.findall(r"^ray==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert parsed("kuberay-job.yaml")["spec"]["rayClusterSpec"]["rayVersion"] == pinned
    assert f"rayproject/ray:{pinned}-" in README


def test_the_launcher_file_is_valid_by_rays_own_schema():
    schema = Path(find_spec("ray").submodule_search_locations[0]) / "autoscaler/ray-schema.json"
    cluster = parsed("ray-cluster.yaml")
    jsonschema.validate(cluster, json.loads(schema.read_text()))
    assert cluster["head_node_type"] in cluster["available_node_types"]


def test_the_launcher_copies_files_that_exist_and_installs_them_under_the_constraints():
    cluster = parsed("ray-cluster.yaml")
    local = [name for name in cluster["file_mounts"].values() if not name.startswith("~")]
    assert [name for name in local if not (ROOT / name).exists()] == []
    assert {"curator", "pyproject.toml", "constraints.txt"} <= set(local)
    (install,) = (command for command in cluster["setup_commands"] if "pip install" in command)
    assert "'.[gpu,models]'" in install
    assert install.endswith("-c constraints.txt")


def test_the_launcher_takes_spot_nodes_for_workers_only():
    types = parsed("ray-cluster.yaml")["available_node_types"]
    market = {
        name: kind["node_config"].get("InstanceMarketOptions", {}).get("MarketType") for name, kind in types.items()
    }
    assert market == {"head": None, "cpu": "spot", "gpu": "spot"}


def test_every_embedding_actor_finds_a_gpu():
    gpus = [int(group["maxReplicas"]) for group in kuberay_groups() if group.get("groupName") == "gpu"]
    gpus.append(parsed("ray-cluster.yaml")["available_node_types"]["gpu"]["max_workers"])
    script = (ROOT / "cluster/slurm.sh").read_text()
    nodes, each = (int(re.search(rf"#SBATCH --{key}=(\d+)", script)[1]) for key in ("nodes", "gpus-per-node"))
    assert [*gpus, nodes * each] == [NIGHTLY.embedding.actors] * 3


def test_a_task_without_a_gpu_sees_none_on_any_cluster():
    variable = "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"
    assert all({"name": variable, "value": "1"} in container["env"] for container in containers())
    assert any(f"{variable}=1" in command for command in parsed("ray-cluster.yaml")["setup_commands"])
    assert f"export {variable}=1" in (ROOT / "cluster/slurm.sh").read_text()


def test_nodes_that_are_started_by_hand_ask_for_the_token():
    assert any("RAY_AUTH_MODE=token" in command for command in parsed("ray-cluster.yaml")["setup_commands"])
    assert "/home/ubuntu/.ray/auth_token" in parsed("ray-cluster.yaml")["file_mounts"]
    script = (ROOT / "cluster/slurm.sh").read_text()
    assert script.index("export RAY_AUTH_MODE=token") < script.index("ray start")


def test_the_shell_script_is_valid_bash():
    checked = subprocess.run(["bash", "-n", ROOT / "cluster/slurm.sh"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


STUBS = {
    "scontrol": "printf 'node%s\\n' 1 2 3",
    "srun": """while [[ $1 == --* ]]; do options+=" $1"; shift; done
        [[ $1 == hostname ]] && echo 10.0.0.1 || { echo "$*$options" >>log; sleep 20; }""",
    "ray": "[[ $1 == get-auth-token ]] && echo -n secret || grep -q 'ray start --head' log",
    "python": """until grep -q 'ray start --address' log; do sleep 0.1; done
        echo "$* at $RAY_ADDRESS with $RAY_AUTH_MODE $RAY_AUTH_TOKEN" >>log; exit 3""",
}


def test_the_slurm_script_starts_the_head_then_the_workers_then_the_driver(tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/activate").write_text(f"export PATH={tmp_path}:$PATH\n")
    for name, body in STUBS.items():
        (tmp_path / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    slurm = {
        "SUBMIT_DIR": tmp_path,
        "JOB_NODELIST": "node[1-3]",
        "JOB_ID": 12345,
        "JOB_NUM_NODES": 3,
        "CPUS_ON_NODE": 8,
    }
    ended = subprocess.run(
        ["bash", ROOT / "cluster/slurm.sh", "configs/nightly.yaml", "--set", "near.seed=2"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **{f"SLURM_{key}": str(slurm[key]) for key in slurm}},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3
    assert (tmp_path / "log").read_text().splitlines() == [
        "ray start --head --node-ip-address=10.0.0.1 --port=22345 --block"
        " --nodes=1 --ntasks=1 --cpus-per-task=8 --nodelist=node1",
        "ray start --address=10.0.0.1:22345 --block --nodes=2 --ntasks=2 --cpus-per-task=8 --exclude=node1",
        "jobs/curate.py --config configs/nightly.yaml --set near.seed=2 at 10.0.0.1:22345 with token secret",
    ]


def test_the_numbers_of_the_instructions_are_those_of_the_code():
    assert f"up to {MAX_RETRIES} times" in README
    assert f"{STALE_SECONDS:.0f} s after its last sign of life" in README
