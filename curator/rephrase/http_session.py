"""The connections to a server, and the key that it wants, which nothing else ever holds."""

from __future__ import annotations

import os

import aiohttp

from curator.config.engines import HttpEngine
from curator.errors import EngineError

LONGEST_CONNECT = 30.0  # seconds


def session_for(config: HttpEngine) -> aiohttp.ClientSession:
    """A session with as many connections as there are slots, which alone knows the key. Raises EngineError where there is none."""
    limits = aiohttp.ClientTimeout(
        total=config.timeout_seconds, sock_connect=min(LONGEST_CONNECT, config.timeout_seconds / 2)
    )
    return aiohttp.ClientSession(
        headers={"Content-Type": "application/json", **_authorization(config)},
        connector=aiohttp.TCPConnector(limit=config.concurrency),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=limits,
    )


def _authorization(config: HttpEngine) -> dict[str, str]:
    name = config.key_variable
    if name is None:
        return {}
    key = os.environ.get(name, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        state = "holds no key that can be sent" if key else "is not set"
        raise EngineError(
            f"the key for {config.url} cannot be read: the environment variable {name} {state}; "
            "set it where the workers run, or leave out rephrase.http.key_variable"
        )
    return {"Authorization": f"Bearer {key}"}
