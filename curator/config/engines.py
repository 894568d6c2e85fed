"""The engines that answer what rephrasing asks, and how their models draw."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from curator.config.base import SECRET, Model
from curator.config.concepts import PositiveShare, Seed
from curator.config.duplicates import Count

OURS = ("model", "messages", "seed", "temperature", "top_p", "max_tokens", "n", "stream")
_URL = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[^\s?#]*)?")


class HttpEngine(Model):
    """An endpoint that speaks OpenAI's chat completions at `url` (`http://host:8000/v1`).

    Each of `actors` keeps `concurrency` requests in flight. Status 429 and 5xx, timeouts and lost connections are tried again,
    `attempts` times in all, after `backoff_seconds`, doubled each time, or as long as the server says. The key is read from
    the environment variable `key_variable` of the workers, and stands nowhere else. `extra` are more fields of a request's body,
    as servers want them (`{chat_template_kwargs: {enable_thinking: false}}`): they decide the answer.
    """

    url: str
    model: str
    key_variable: str | None = None
    concurrency: Annotated[int, Field(ge=1, le=4_096)] = 64
    actors: Count = 1
    timeout_seconds: Annotated[float, Field(gt=0.0)] = 300.0
    attempts: Annotated[int, Field(ge=1, le=100)] = 6
    backoff_seconds: Annotated[float, Field(gt=0.0)] = 1.0
    extra: Mapping[str, Any] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _is_a_place_without_secrets(cls, url: str) -> str:
        if "@" in url:
            told = (
                "a user or password in it would stand in run.json and logs; name the variable of a key as key_variable"
            )
            raise PydanticCustomError(SECRET, told)
        if "?" in url or "#" in url:
            raise PydanticCustomError(SECRET, "it has ? or #; write it only up to where /chat/completions follows")
        if not _URL.fullmatch(url):
            raise PydanticCustomError(SECRET, "it is no URL such as http://host:8000/v1")
        return url

    @field_validator("extra")
    @classmethod
    def _says_what_we_do_not(cls, extra: Mapping[str, Any]) -> Mapping[str, Any]:
        if ours := [name for name in extra if name in OURS]:
            raise ValueError(f"{ours[0]} is set for each request already; take it out")
        try:
            json.dumps(extra, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"it cannot be sent as JSON: {error}") from error
        return extra


class TransformersEngine(Model):
    """A small model in the process: a folder or name of Hugging Face with a chat template. For dry runs, or where no server is."""

    model: str
    batch_requests: Count = 8
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    actors: Count = 1
    gpus_per_actor: Annotated[float, Field(ge=0.0)] = 0.0


class VllmEngine(Model):
    """vLLM through `ray.data.llm`: `actors` engines, each on as many GPUs as `engine` (vLLM's own arguments) says."""

    model: str
    actors: Count = 1
    batch_requests: Count = 64
    accelerator: str | None = None
    engine: Mapping[str, Any] = Field(default_factory=dict)


class Sampling(Model):
    """How the model draws; `seed` is mixed with each request's own."""

    temperature: Annotated[float, Field(ge=0.0, le=2.0)] = 0.7
    top_p: PositiveShare = 0.9
    seed: Seed = 1
