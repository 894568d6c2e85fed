"""`ray job submit` on a head with token authentication gives the bytes of a plain run."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import curated_hash, curator
from tests.corpus import config_text, write_corpus

ROOT = Path(__file__).resolve().parent.parent
RAY = [sys.executable, "-m", "ray.scripts.scripts"]

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("aiohttp_cors") is None, reason="ray job submit needs ray[default], which is not installed"
)


@dataclass(frozen=True)
class Head:
    """A local Ray head with its job server, and the environment that a shell needs to reach it."""

    address: str
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    port, dashboard = free_port(), free_port()
    folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # Ray's sockets need a short path
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    options = [f"--port={port}", f"--dashboard-port={dashboard}", f"--temp-dir={folder}", "--include-dashboard=true"]
    sizes = ["--num-cpus=2", "--object-store-memory=200000000", "--disable-usage-stats"]
    started = subprocess.Popen([*RAY, "start", "--head", "--block", *options, *sizes], env=environment)
    try:
        yield Head(f"http://127.0.0.1:{dashboard}", environment)
    finally:
        started.terminate()
        started.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def submit(head: Head, config: Path) -> subprocess.CompletedProcess[str]:
    job = ["--", sys.executable, "jobs/curate.py", "--config", str(config), "--set", "budgets.keep_share=0.7"]
    return subprocess.run(
        [*RAY, "job", "submit", "--address", head.address, "--working-dir", ".", *job],
        cwd=ROOT,
        env=head.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def wait_for(head: Head) -> None:
    host, port = head.address.removeprefix("http://").split(":")
    for _ in range(600):
        with socket.socket() as client:
            client.settimeout(0.1)
            if client.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the job server did not start")


def test_a_submitted_job_gives_the_same_bytes_as_a_plain_run(head: Head, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    (tmp_path / "job.yaml").write_text(config_text(corpus, tmp_path / "job"))
    (tmp_path / "plain.yaml").write_text(config_text(corpus, tmp_path / "plain"))
    wait_for(head)
    job = submit(head, tmp_path / "job.yaml")
    assert job.returncode == 0, job.stdout + job.stderr
    assert "every one is accounted for" in job.stdout
    plain = curator("run", str(tmp_path / "plain.yaml"))
    assert plain.returncode == 0, plain.stderr
    assert curated_hash(tmp_path / "job") == curated_hash(tmp_path / "plain")


def test_a_job_that_cannot_work_fails_with_one_sentence(head: Head, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(config_text(tmp_path / "nowhere", tmp_path / "job"))
    wait_for(head)
    job = submit(head, tmp_path / "job.yaml")
    assert job.returncode != 0
    assert "nowhere" in job.stdout
    assert "Traceback" not in job.stdout
    assert not (tmp_path / "job").exists()
