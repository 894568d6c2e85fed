"""The base of every configuration model: frozen, strict, and closed to unknown keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Fields = Annotated[tuple[str, ...], Field(min_length=1)]
SECRET = "secret"
"""The type of an error whose value is not shown."""


class Model(BaseModel):
    """A frozen, keyword-only group of settings. Unknown keys and wrong types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
