"""One run at a time on one output: a lock file that a dead run cannot hold.

The lock names its holder. It is stale when the holder's process is gone (same host) or when its heartbeat is older than
`STALE_SECONDS` (any host). Creation and takeover are atomic on a local disk (hard link, rename); on an object store the last
writer wins and every contender looks again before it believes it.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from types import TracebackType

import psutil

from curator.errors import LockedError, StoreError
from curator.store.files import Folder, is_local, write_whole

LOCK_NAME = "run.lock"
HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 90.0
SETTLE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who holds the lock, and when it last said that it lives."""

    token: str
    host: str
    process: int
    process_started: float
    heartbeat: float

    def dead(self) -> bool:
        """Whether this holder can be passed over."""
        if self.host == socket.gethostname():
            return not _runs(self.process, self.process_started)
        return time.time() - self.heartbeat > STALE_SECONDS


class OutputLock:
    """Context manager that holds `folder` for this process; raises LockedError where another run lives."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._token = uuid.uuid4().hex
        self._stop = threading.Event()

    def __enter__(self) -> OutputLock:
        found = self._read()
        if found is not None and not found.dead():
            raise LockedError(_refusal(self._folder, found))
        self._take(found)
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        found = self._read()
        if found is not None and found.token == self._token:
            self._folder.delete(LOCK_NAME)

    def _take(self, stale: Holder | None) -> None:
        filesystem, path = self._folder.at(LOCK_NAME)
        if is_local(filesystem):
            self._take_local(path, stale)
            return
        self._write()
        time.sleep(SETTLE_SECONDS)
        found = self._read()
        if found is None or found.token != self._token:
            raise LockedError(f"another run took {self._folder.uri} at the same moment; try again when it has ended")

    def _take_local(self, path: str, stale: Holder | None) -> None:
        attempt = f"{path}.{self._token}"
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_whole(attempt, self._content())
            self._claim(path, attempt, stale)
        except OSError as error:
            raise StoreError(f"cannot write the lock {path}: {error}") from error
        finally:
            if os.path.exists(attempt):
                os.unlink(attempt)

    def _claim(self, path: str, attempt: str, stale: Holder | None) -> None:
        try:
            if stale is not None:
                self._move_away(path, f"{attempt}.stale", stale)
            os.link(attempt, path)
        except (FileExistsError, FileNotFoundError):
            raise LockedError(f"another run took {path} at the same moment; try again when it has ended") from None

    def _move_away(self, path: str, aside: str, stale: Holder) -> None:
        """Move the stale lock aside; of two takers only one can. What was moved may be the other's new lock: put it back."""
        os.rename(path, aside)
        try:
            with open(aside, "rb") as file:
                if Holder(**json.loads(file.read())).token != stale.token:
                    os.link(aside, path)
                    raise FileExistsError(path)
        finally:
            os.unlink(aside)

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            try:
                self._write()
            except StoreError:  # a full disk must not kill the run's lock; its own writes will say so
                continue

    def _write(self) -> None:
        self._folder.put(LOCK_NAME, self._content())

    def _content(self) -> bytes:
        holder = Holder(
            token=self._token,
            host=socket.gethostname(),
            process=os.getpid(),
            process_started=psutil.Process().create_time(),
            heartbeat=time.time(),
        )
        return json.dumps(asdict(holder)).encode()

    def _read(self) -> Holder | None:
        content = self._folder.get(LOCK_NAME)
        return Holder(**json.loads(content)) if content else None


def _runs(process: int, started: float) -> bool:
    """Whether the process of that number is still the one that took the lock."""
    try:
        found = psutil.Process(process)
        return bool(abs(found.create_time() - started) < 2.0 and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _refusal(folder: Folder, holder: Holder) -> str:
    return (
        f"another run is at work on {folder.uri}: process {holder.process} on {holder.host}, last seen "
        f"{max(0.0, time.time() - holder.heartbeat):.0f} s ago; wait for it or stop it (a dead run's lock is taken over)"
    )
