"""Prompt templates: Jinja in a sandbox, with the document's text as a value, which is never read as a template itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from curator.errors import ConfigError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

VARIABLES = {"text", "language"}
GAP = "\0"
"""Stands for the text and the language where only the words of the template itself are wanted."""


def rendered(prompt: str, text: str, language: str) -> str:
    """The prompt over a text, which stands in it word for word."""
    return str(_template(prompt).render(text=text, language=language))


@lru_cache(maxsize=256)
def instructions(prompt: str) -> tuple[str, ...]:
    """What the template itself says, in the pieces between the text and the language."""
    return tuple(piece for piece in rendered(prompt, GAP, GAP).split(GAP) if piece.strip())


def flaw(prompt: str) -> str | None:
    """Why this cannot be a prompt over a source text, or null. `{{ text }}` must stand once, bare, outside of any block.

    So there is no language, and no trick of the template, with which a prompt is sent without the text.
    """
    from jinja2 import TemplateError, meta, nodes

    try:
        tree = _environment().parse(prompt)
    except TemplateError as error:
        return f"is no Jinja template: {error}"
    unknown = sorted(meta.find_undeclared_variables(tree) - VARIABLES)
    if unknown:
        return f"knows the variables text and language, not {unknown[0]}"
    outputs = [node for part in tree.body if isinstance(part, nodes.Output) for node in part.nodes]
    bare = sum(isinstance(node, nodes.Name) and node.name == "text" for node in outputs)
    if bare != 1 or sum(name.name == "text" for name in tree.find_all(nodes.Name)) != 1:
        return "must hold {{ text }} exactly once, bare and outside of any block"
    return _flaw_of_rendering(prompt)


def _flaw_of_rendering(prompt: str) -> str | None:
    try:
        pieces = instructions(prompt)
    except Exception as error:  # a template can divide by zero, or do anything else that a sandbox allows
        return f"cannot be rendered: {error}"
    return None if pieces else "says nothing but the text"


@lru_cache(maxsize=256)
def _template(prompt: str) -> Template:
    return _environment().from_string(prompt)


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    try:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment
    except ImportError as error:
        raise ConfigError("rephrase needs jinja2: pip install 'curator[rephrase]'") from error
    settings: dict[str, Any] = {"undefined": StrictUndefined, "autoescape": False}
    return SandboxedEnvironment(**settings)
