"""How many requests may be in flight: the limit that is asked for, and less where the server says that they are too many."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType


class Pace:
    """`async with pace:` is one request in flight, at most `most` of them at a time, first come first served.

    After `slow_down` half as many, and each answer raises the limit by its inverse until it is what it was: additive increase and
    multiplicative decrease (Chiu and Jain 1989), which finds the rate of a server that limits it. A slot that becomes free goes to
    the next one waiting in the same instant.
    """

    def __init__(self, most: int) -> None:
        self.in_flight = 0
        self._most = most
        self._limit = float(most)
        self._slowed = self._closed_until = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._let_in()
        await place

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.in_flight -= 1
        self._let_in()

    def speed_up(self) -> None:
        """A request was answered."""
        self._limit = min(self._most, self._limit + 1 / self._limit)

    def slow_down(self, sent: float, seconds: float) -> None:
        """A request that was sent at `sent` (the loop's time) was one too many: send none for so long, then half as many.

        Those that were under way before the limit was last lowered do not lower it again.
        """
        loop = asyncio.get_running_loop()
        if sent >= self._slowed:
            self._limit, self._slowed = max(1.0, self._limit / 2), loop.time()
        self._closed_until = max(self._closed_until, loop.time() + seconds)
        loop.call_at(self._closed_until, self._let_in)

    def _let_in(self) -> None:
        open_now = asyncio.get_running_loop().time() >= self._closed_until
        while open_now and self._waiting and self.in_flight < int(self._limit):
            place = self._waiting.popleft()
            if not place.cancelled():
                self.in_flight += 1
                place.set_result(None)
