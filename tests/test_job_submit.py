"""The nightly way: `ray job submit` to a running cluster gives the bytes that a run on one machine gives."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import curated_hash, curator
from tests.corpus import config_text, write_corpus

pytest.importorskip("ray.dashboard.optional_deps", reason="pip install 'ray[default]'", exc_type=ImportError)

REPOSITORY = Path(__file__).resolve().parent.parent
RAY = [sys.executable, "-m", "ray.scripts.scripts"]
IGNORED = (".venv/lib/big.so", "sample/web.warc.gz", "out/local/curated/a.parquet", "curator/__pycache__/a.pyc")


@dataclass(frozen=True)
class Head:
    """A local Ray cluster that wants a token."""

    folder: Path
    address: str
    environment: dict[str, str]

    def submit(
        self, working_dir: Path, *entry_point: str, token: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`ray job submit` as a user would type it; its output has the job's output in it."""
        command = [*RAY, "job", "submit", "--address", self.address, "--working-dir", str(working_dir), "--"]
        environment = {**self.environment, **({"RAY_AUTH_TOKEN": token} if token else {})}
        return subprocess.run(
            [*command, sys.executable, *entry_point], env=environment, capture_output=True, text=True, timeout=300
        )


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    ports = free_ports(5)
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # Ray's sockets need a short path
    others = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    environment = {**others, **token, "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0"}
    names = (
        "port",
        "dashboard-port",
        "ray-client-server-port",
        "dashboard-agent-listen-port",
        "dashboard-agent-grpc-port",
    )
    chosen = [f"--{name}={port}" for name, port in zip(names, ports, strict=True)]
    options = ["--head", "--num-cpus=2", "--disable-usage-stats", "--block", f"--temp-dir={folder}"]
    with (folder / "head.log").open("w") as log:
        process = subprocess.Popen([*RAY, "start", *options, *chosen], env=environment, stdout=log, stderr=log)
        try:
            wait_for_port(process, ports[1], folder / "head.log")
            yield Head(folder, f"http://127.0.0.1:{ports[1]}", environment)
        finally:
            process.terminate()  # `ray stop` would end every other cluster of this machine too
            process.wait(60)
    shutil.rmtree(folder)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no dashboard on port {port}: {log.read_text()}")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which everything was built and run: what git ignores lies beside the code."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("curator", "jobs", "configs"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / ".gitignore", folder)
    for name in IGNORED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@dataclass(frozen=True)
class Submitted:
    """One job that was submitted and waited for."""

    corpus: Path
    output: Path
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def submitted(head: Head, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Submitted:
    folder = tmp_path_factory.mktemp("submitted")
    corpus, output = write_corpus(folder / "in"), folder / "out"
    (folder / "c.yaml").write_text(config_text(corpus, "to be set"))
    setting = f"output.path={output}"
    done = head.submit(checkout, "jobs/curate.py", "--config", str(folder / "c.yaml"), "--set", setting)
    return Submitted(corpus, output, done)


def test_a_submitted_job_succeeds_and_its_output_shows_the_funnel(submitted: Submitted) -> None:
    assert submitted.done.returncode == 0, submitted.done.stdout + submitted.done.stderr
    assert "of all" in submitted.done.stdout
    assert "of 240 documents kept; every one is accounted for" in submitted.done.stdout


def test_a_submitted_job_gives_the_bytes_of_a_local_run(submitted: Submitted, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(config_text(submitted.corpus, tmp_path / "out"))
    local = curator("run", str(tmp_path / "c.yaml"))
    assert local.returncode == 0, local.stderr
    assert curated_hash(submitted.output) == curated_hash(tmp_path / "out")


def test_what_git_ignores_is_not_uploaded(submitted: Submitted, head: Head) -> None:
    assert submitted.done.returncode == 0
    packages = head.folder.glob("session_2*/runtime_resources/working_dir_files/_ray_pkg_*")
    (uploaded,) = [path for path in packages if path.is_dir()]
    assert sorted(path.name for path in uploaded.iterdir()) == [".gitignore", "configs", "curator", "jobs"]
    assert (uploaded / "curator" / "pipeline.py").exists()
    assert not (uploaded / "curator" / "__pycache__" / "a.pyc").exists()


def test_a_job_that_cannot_work_fails_and_says_why(head: Head, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "nothing", tmp_path / "out"))
    failed = head.submit(checkout, "jobs/curate.py", "--config", str(tmp_path / "c.yaml"))
    assert failed.returncode != 0
    assert f"curator: no input file matches {tmp_path / 'nothing'}" in failed.stdout
    assert "Traceback" not in failed.stdout
    assert not (tmp_path / "out").exists()


def test_a_job_without_the_token_is_refused(head: Head, checkout: Path) -> None:
    refused = head.submit(checkout, "jobs/curate.py", "--config", "c.yaml", token=secrets.token_hex(32))
    assert refused.returncode != 0
    assert "Invalid authentication token" in refused.stderr
