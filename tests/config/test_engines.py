"""An endpoint in the YAML: what may be asked of it, and what is refused before anything is written or said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from curator.config import load_config
from curator.config.engines import OURS, HttpEngine
from curator.errors import ConfigError

PASSWORD = "open-sesame-0123"


def loaded(folder: Path, **engine: Any) -> HttpEngine | None:
    """The engine of a YAML file with these settings; JSON is YAML."""
    settings = {"url": "http://host:8000/v1", "model": "small", **engine}
    values = {"input": {"sources": [{"path": "in/*.jsonl"}]}, "output": {"path": "out"}, "rephrase": {"http": settings}}
    path = folder / "c.yaml"
    path.write_text(json.dumps(values))
    found = load_config(str(path)).rephrase
    assert found is not None
    return found.http


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/v1",
        "https://api.example.com",
        "http://10.0.0.1/v1/",
        "http://[::1]:8000/v1",
        "http://gpu_7/a-b",
    ],
)
def test_a_place_is_taken_as_it_is(tmp_path: Path, url: str) -> None:
    engine = loaded(tmp_path, url=url)
    assert engine is not None
    assert engine.url == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"http://me:{PASSWORD}@host/v1", "name the variable of a key as key_variable"),
        (f"https://{PASSWORD}@host:8000/v1", "name the variable of a key as key_variable"),
        (f"http://me:{PASSWORD}/{PASSWORD}@host", "name the variable of a key as key_variable"),
        (f"http://host/v1?key={PASSWORD}", "it has ? or #; write it only up to where /chat/completions follows"),
        (f"http://host/v1#{PASSWORD}", "it has ? or #"),
        ("http://", "it is no URL such as http://host:8000/v1"),
        ("http://:80/v1", "it is no URL"),
        ("http://[::1/v1", "it is no URL"),
        ("http://host:port/v1", "it is no URL"),
        ("ftp://host/v1", "it is no URL"),
        ("http://host/v 1", "it is no URL"),
    ],
)
def test_a_place_with_secrets_or_none_at_all_is_refused_in_a_sentence_that_repeats_no_secret(
    tmp_path: Path, url: str, reason: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, url=url)
    assert str(raised.value).startswith(f"{tmp_path}/c.yaml:1: rephrase.http.url: ")
    assert reason in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_fields_that_a_server_wants_are_kept_as_they_are(tmp_path: Path) -> None:
    extra = {"chat_template_kwargs": {"enable_thinking": False}, "reasoning_effort": "low", "stop": ["\n\n\n"]}
    engine = loaded(tmp_path, extra=extra)
    assert engine is not None
    assert engine.extra == extra


@pytest.mark.parametrize("name", OURS)
def test_a_field_that_is_set_for_each_request_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"rephrase.http.extra: {name} is set for each request already; take it out"):
        loaded(tmp_path, extra={"reasoning_effort": "low", name: 1})


@pytest.mark.parametrize("value", [float("nan"), date(2026, 1, 1), {1, 2}])
def test_what_json_has_not_cannot_be_sent(value: object) -> None:
    with pytest.raises(ValidationError, match="it cannot be sent as JSON"):
        HttpEngine(url="http://host/v1", model="small", extra={"deep": [value]})
