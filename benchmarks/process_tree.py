"""What a command costs with everything that it starts, daemons that leave it included: wall and processor seconds.

`measured(command)` runs it under this file as a wrapper. The wrapper makes itself the reaper of orphans (Linux), so that detached
processes such as Ray's stay below it, and reads the times of all of them five times a second. Reaped children count by what the
kernel hands to their parent; those whose parent ignores SIGCHLD, as Ray's raylet does, by the last reading, which misses at most
what they did in the fifth of a second before they ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import IO

SET_CHILD_SUBREAPER = 36  # prctl(2)
TICK = 0.2  # seconds between two readings
PATIENCE = 15.0  # seconds that daemons get to end after the command
CLOCK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Wall seconds until the command itself ended, processor seconds (user + system) of its whole tree, and its exit status."""

    wall: float
    cpu: float
    status: int


def measured(command: Sequence[str], output: IO[str]) -> Usage:
    """Run a command, its output in a file, and count it with all its descendants."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as result:
        wrapper = [sys.executable, __file__, result.name, *command]
        subprocess.run(wrapper, check=True, stdout=output, stderr=output)
        return Usage(**json.load(result))


@dataclass
class _Seen:
    """One process at its last reading: its parent, its own seconds, and those of the children that it has reaped."""

    parent: int
    own: float
    reaped: float


def main() -> int:
    result, command = sys.argv[1], sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    seen: dict[tuple[int, int], _Seen] = {}
    started = time.perf_counter()
    child = subprocess.Popen(command)
    while child.poll() is None:
        _read(seen)
        time.sleep(TICK)
    wall = time.perf_counter() - started
    _outlive(seen)
    with open(result, "w") as file:
        json.dump(asdict(Usage(wall=wall, cpu=_total(seen), status=child.returncode)), file)
    return 0


def _outlive(seen: dict[tuple[int, int], _Seen]) -> None:
    """Wait for what the command left running; what does not end by itself is ended."""
    deadline = time.perf_counter() + PATIENCE
    while left := _read(seen):
        if time.perf_counter() > deadline:
            for process in left:
                os.kill(process, signal.SIGKILL)
        while _reap():
            pass
        time.sleep(TICK)


def _reap() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _read(seen: dict[tuple[int, int], _Seen]) -> list[int]:
    """Note the times of all descendants; those that are alive."""
    table = {
        process: stat for process in map(int, filter(str.isdigit, os.listdir("/proc"))) if (stat := _stat(process))
    }
    children: dict[int, list[int]] = {}
    for process, stat in table.items():
        children.setdefault(int(stat[1]), []).append(process)
    alive, stack = [], list(children.get(os.getpid(), []))
    while stack:
        process = stack.pop()
        stat = table[process]
        own, reaped = (int(stat[11]) + int(stat[12])) / CLOCK, (int(stat[13]) + int(stat[14])) / CLOCK
        seen[process, int(stat[19])] = _Seen(parent=int(stat[1]), own=own, reaped=reaped)
        stack.extend(children.get(process, []))
        alive.append(process)
    return alive


def _stat(process: int) -> list[str] | None:
    """The fields of /proc/PROCESS/stat from the third on: state, parent, ..."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def _total(seen: dict[tuple[int, int], _Seen]) -> float:
    """Seconds of the whole tree: below each process the larger of what it reaped and what was read of its children."""
    below: dict[int, float] = {}
    youngest_first = sorted(seen.items(), key=lambda item: (item[0][1], item[0][0]), reverse=True)
    for (process, _), one in youngest_first:  # a child is never older than its parent
        below[one.parent] = below.get(one.parent, 0.0) + one.own + max(one.reaped, below.pop(process, 0.0))
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    return max(own.ru_utime + own.ru_stime, below.get(os.getpid(), 0.0))


if __name__ == "__main__":
    sys.exit(main())
