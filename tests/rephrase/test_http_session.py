"""The key goes to the server, and nobody else may ever see it."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest

from curator.errors import EngineError

pytest.importorskip("aiohttp")

from tests.rephrase.http_client import client, requests
from tests.rephrase.openai_server import ChatServer, dropped, good, malformed, status

KEY = "sk-very-secret-0123456789"


def test_the_key_goes_to_the_server_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CURATOR_TEST_KEY", f" {KEY}\n")
    bad = (good, status(400), dropped, malformed, status(503))
    with ChatServer(lambda body, before: bad[body["seed"] % 5](body, before), key=KEY) as server:
        engine = client(server.url, key_variable="CURATOR_TEST_KEY", attempts=2)
        responses = engine.answer(requests(20))
        assert {seen["Authorization"] for seen in server.seen} == {f"Bearer {KEY}"}
        monkeypatch.setenv("CURATOR_TEST_KEY", f"{KEY}x")
        with pytest.raises(EngineError, match="put a valid key into CURATOR_TEST_KEY") as raised:
            engine.answer(requests(20))
    said = "".join(traceback.format_exception(raised.value))
    everything = [repr(engine), repr(responses), said, repr(raised.value), caplog.text, *capfd.readouterr()]
    assert not [text for text in everything if KEY in text]
    assert KEY.encode() not in pickle.dumps((engine, responses, raised.value))
    assert engine.config.model_dump_json().count(KEY) == 0


@pytest.mark.parametrize(
    ("value", "state"), [(None, "is not set"), ("  ", "is not set"), ("a\nb", "holds no key"), ("clé", "holds no key")]
)
def test_a_key_that_cannot_be_read_is_an_error_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, value: str | None, state: str
) -> None:
    monkeypatch.delenv("CURATOR_TEST_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("CURATOR_TEST_KEY", value)
    with pytest.raises(EngineError, match=f"the environment variable CURATOR_TEST_KEY {state}"):
        client("http://127.0.0.1:9/v1", key_variable="CURATOR_TEST_KEY").answer(requests(1))
