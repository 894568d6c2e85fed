"""One run at a time; a dead one holds nothing."""

import json
import multiprocessing
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from curator.errors import LockedError
from curator.store.files import Folder
from curator.store.lock import LOCK_NAME, STALE_SECONDS, OutputLock


def hold(path: str, ready: "multiprocessing.synchronize.Event") -> None:
    with OutputLock(Folder(path)):
        ready.set()
        time.sleep(600)


@pytest.fixture
def holder(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold, args=(str(tmp_path), ready))
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_a_second_run_is_refused_and_told_who_holds_the_output(holder, tmp_path: Path) -> None:
    with (
        pytest.raises(LockedError, match=f"process {holder.pid} on {socket.gethostname()}"),
        OutputLock(Folder(str(tmp_path))),
    ):
        pass
    assert json.loads((tmp_path / LOCK_NAME).read_text())["process"] == holder.pid


def test_the_lock_of_a_killed_run_is_taken_over(holder, tmp_path: Path) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with OutputLock(Folder(str(tmp_path))):
        assert json.loads((tmp_path / LOCK_NAME).read_text())["process"] == os.getpid()


def test_the_lock_is_gone_after_the_run(tmp_path: Path) -> None:
    with OutputLock(Folder(str(tmp_path))):
        assert os.listdir(tmp_path) == [LOCK_NAME]
    assert os.listdir(tmp_path) == []


def write_lock(path: Path, *, age: float) -> None:
    values = {"token": "t", "host": "elsewhere", "process": 1, "process_started": 0.0, "heartbeat": time.time() - age}
    (path / LOCK_NAME).write_text(json.dumps(values))


def test_a_lock_of_another_host_holds_while_its_heart_beats(tmp_path: Path) -> None:
    write_lock(tmp_path, age=STALE_SECONDS / 2)
    with pytest.raises(LockedError, match="on elsewhere"), OutputLock(Folder(str(tmp_path))):
        pass


def test_a_lock_of_another_host_is_stale_when_its_heart_has_stopped(tmp_path: Path) -> None:
    write_lock(tmp_path, age=STALE_SECONDS * 2)
    with OutputLock(Folder(str(tmp_path))):
        assert json.loads((tmp_path / LOCK_NAME).read_text())["process"] == os.getpid()
