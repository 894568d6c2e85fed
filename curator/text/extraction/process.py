"""The parent's handle on one child process: start it, write to it and read from it within a deadline, know how it ended."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

from curator.text.extraction.child import OUT_OF_MEMORY
from curator.text.extraction.main_text import ExtractorName
from curator.text.extraction.messages import READY

START_SECONDS = 300  # a machine that needs longer to start Python is not at work
END_SECONDS = 10
PIPE_BYTES = 1 << 20  # halves what the writing costs against the usual 64 kB
MODULE = "curator.text.extraction.child"


class Ended(Exception):
    """The child is dead: for this reason, and whether another try could end otherwise; the end of what it wrote."""

    def __init__(self, reason: str, again: bool, last_words: str = "") -> None:
        super().__init__(reason)
        self.reason, self.again, self.last_words = reason, again, last_words


class Process:
    """A running child. Every method but `end` raises Ended, after the child's end, where it dies or keeps silent."""

    def __init__(self, extractor: ExtractorName, seconds: float, memory_bytes: int) -> None:
        self._seconds, self._memory_bytes = seconds, memory_bytes
        self._errors = tempfile.TemporaryFile()
        paths = [path or os.getcwd() for path in sys.path]  # the child must find what this process finds
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE, extractor, str(seconds), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the parent
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        if sys.platform == "linux":
            with suppress(OSError):  # a user has 64 MB for pipes; who has used that up goes on with a small one
                fcntl.fcntl(self._input, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.read(len(READY), time.monotonic() + START_SECONDS)

    @property
    def pid(self) -> int:
        return self._process.pid

    def deadline(self) -> float:
        """When a page that is begun now must be answered, at the latest: ten times its processor time."""
        return time.monotonic() + 10 * self._seconds

    def write(self, content: bytes, deadline: float) -> None:
        left = memoryview(content)
        while left:
            try:
                left = left[os.write(self._input, left) :]
            except BlockingIOError:
                self._wait(self._input, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise self._death() from None

    def read(self, size: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        while size:
            try:
                part = os.read(self._output, size)
            except BlockingIOError:
                self._wait(self._output, select.POLLIN, deadline)
                continue
            if not part:
                raise self._death()
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def end(self, patience: float = END_SECONDS) -> None:
        """Close the child's input, which ends it, and kill it where it does not end of itself within `patience` seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _wait(self, pipe: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            self.end(patience=0)
            raise Ended(f"the extractor does not answer within {10 * self._seconds:g} s", again=True)

    def _death(self) -> Ended:
        """Why the child, which has closed a pipe, is dead."""
        try:
            status = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._errors.seek(0)
        errors = self._errors.read()
        self.end(patience=0)
        if status == -signal.SIGPROF:
            return Ended(f"it takes more than {self._seconds:g} s of processor time", again=False)
        words = " ".join(errors.decode(errors="replace").split())[-300:]
        if status == OUT_OF_MEMORY or b"memory allocation of" in errors or b"bad_alloc" in errors:
            return Ended(f"it takes more than {self._memory_bytes / 1e6:,.0f} MB of memory", True, words)
        name = signal.Signals(-status).name if status < 0 else f"status {status}"
        return Ended(f"it crashes the extractor ({name})", True, words)
