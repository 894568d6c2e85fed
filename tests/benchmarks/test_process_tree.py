"""The wrapper that counts a whole process tree: children, orphans in sessions of their own, and those nobody waits for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from process_tree import Usage, measured

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BURN = """
import os, signal, sys, time
def burn(seconds):
    while time.process_time() < seconds: pass
"""
ORPHANS = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        burn(0.6)
    os._exit(0)
if os.fork() == 0:
    burn(0.6)
    os._exit(0)
burn(0.3)
"""


def cost(script: str, tmp_path: Path) -> Usage:
    with (tmp_path / "log").open("w") as log:
        return measured([sys.executable, "-c", BURN + script], log)


def test_the_command_alone_is_counted_exactly(tmp_path: Path) -> None:
    usage = cost("burn(0.5)", tmp_path)
    assert usage.status == 0
    assert usage.cpu == pytest.approx(0.5, abs=0.1)


def test_detached_and_unawaited_processes_are_counted(tmp_path: Path) -> None:
    assert cost(ORPHANS, tmp_path).cpu >= 1.0  # of 1.5, less the last readings of two


def test_the_status_of_a_failing_command_is_told(tmp_path: Path) -> None:
    assert cost("sys.exit(3)", tmp_path).status == 3
