"""What the YAML says about synthetic text: which documents are rephrased, in which ways, by which engine, and what is let in."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from curator.config.base import SECRET, Model, Share
from curator.config.concepts import Name, PositiveShare, Seed
from curator.config.duplicates import Count
from curator.config.sequence import QUALITY_CLASSES

Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Weights = Mapping[Name, Weight]
Style = Literal["exposition", "list", "questions", "conversation", "exercise", "caption"]
Attempts = Annotated[int, Field(ge=1, le=100)]
OTHER = "other"
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
    attempts: Attempts = 6
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


class Choice(Model):
    """Which documents are rephrased. Weights are of language, source and class of quality, multiplied; unnamed: 1, or `other`.

    `gaps` makes concepts that have less than their quota more likely, up to that many times: synthetic text fills the holes of
    the distribution (BeyondWeb, lesson 2). A document is rephrased at most `variants` times, each time by another strategy.
    """

    language: Weights = Field(default_factory=dict)
    source: Weights = Field(default_factory=dict)
    quality: Weights = Field(default_factory=dict)
    gaps: Annotated[float, Field(ge=1.0, le=100.0)] = 4.0
    variants: Annotated[int, Field(ge=1, le=16)] = 2

    @model_validator(mode="after")
    def _classes_exist(self) -> Choice:
        classes = (*QUALITY_CLASSES, OTHER)
        strange = next((name for name in self.quality if name not in classes), None)
        if strange is not None:
            close = difflib.get_close_matches(strange, classes, n=1, cutoff=0.4)
            hint = f"did you mean {close[0]}?" if close else f"classes are {', '.join(classes)}"
            raise ValueError(f"quality has no class {strange!r}; {hint}")
        return self


class Limits(Model):
    """What a run may spend, by estimates made before the first request: the choice is cut until it fits. Null: no limit."""

    requests: Count | None = None
    tokens: Count | None = None
    cost: Annotated[float, Field(gt=0.0)] | None = None
    input_price: Annotated[float, Field(ge=0.0)] = 0.0
    output_price: Annotated[float, Field(ge=0.0)] = 0.0

    @model_validator(mode="after")
    def _cost_has_a_price(self) -> Limits:
        if self.cost is not None and self.input_price == 0 and self.output_price == 0:
            raise ValueError("cost needs input_price or output_price, per million tokens")
        return self


class Checks(Model):
    """What an answer must be like. Limits of a strategy itself (length, similarity, key facts) stand in its file.

    `bindings`: the words of a sentence must stand together somewhere in the source, so it is no lie of the source's own words.

    `collapse_share`: of the documents of one strategy at most this share, and never fewer than `collapse_least`, may begin with
    the same words (115 of 1,000 outputs of one model did). `near_duplicates`: none may be like a curated document or another
    rewrite, by the settings of `near`. `quality`: where a run has models of quality, its rule judges what would enter the corpus
    as it judged the documents.
    """

    numbers: bool = True
    names: bool = True
    negations: bool = True
    bindings: bool = True
    supported_share: Share = 0.6
    language: bool = True
    near_source: PositiveShare = 0.8
    collapse_share: PositiveShare = 0.02
    collapse_least: Count = 5
    heuristics: bool = True
    quality: bool = True
    near_duplicates: bool = True


class Rephrase(Model):
    """Rephrased text for the corpus, grounded in its documents: there is no prompt without one.

    `share` is how much of the tokens of the final mix may be synthetic (BeyondWeb: 40 %). `strategies` are weights by name; null
    takes all that are built in with their own. `own_strategies` names YAML files of more. No more than `conversation_share` of
    the synthetic tokens are conversations (what they gain saturates at once). `in_output: false` leaves synthetic text out of
    the output, whatever is stored.

    Captions of media (`input.medium_field`) are all expanded, but the share `original_captions` of them: they take the place of
    what they are made of, and `share` does not count them.
    """

    http: HttpEngine | None = None
    transformers: TransformersEngine | None = None
    vllm: VllmEngine | None = None
    sampling: Sampling = Sampling()
    share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.4
    strategies: Weights | None = None
    own_strategies: str | None = None
    conversation_share: Share = 0.1
    original_captions: Share = 0.05
    choice: Choice = Choice()
    limits: Limits = Limits()
    checks: Checks = Checks()
    in_output: bool = True
    seed: Seed = 1

    @property
    def engine_name(self) -> Literal["http", "transformers", "vllm"]:
        """Which of them is given."""
        return "http" if self.http else "transformers" if self.transformers else "vllm"

    @property
    def engine(self) -> HttpEngine | TransformersEngine | VllmEngine:
        """The one that is given."""
        found = self.http or self.transformers or self.vllm
        assert found is not None, "validated"
        return found

    @model_validator(mode="after")
    def _one_engine(self) -> Rephrase:
        given = [name for name in ("http", "transformers", "vllm") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"rephrase needs one engine of http, transformers and vllm, and has {' and '.join(given) or 'none'}"
            )
        return self
