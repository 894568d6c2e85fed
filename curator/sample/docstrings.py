"""The docstrings of one Python source: long ones alone, short ones joined by class or module. Nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

SHORTEST = 200  # characters: two or three sentences, below which a docstring alone is no document
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.ExceptHandler)
_BLOCKS = ("body", "orelse", "finalbody", "handlers")


@dataclass(frozen=True)
class Piece:
    """A document in a file, with its first line. `name` is the qualified name in the module, "" for the whole file."""

    kind: str
    name: str
    line: int
    text: str


@dataclass
class _Scope:
    """A class or the module while it is read: what was found so far and the short docstrings that wait to be joined."""

    name: str
    line: int
    found: list[Piece]
    short: list[str] = field(default_factory=list)


def pieces(source: str) -> list[Piece]:
    """All documents of a Python source, by line.

    A docstring of at least 200 characters is a document. Shorter ones are joined, with their names, into one document
    per class; what is too short even then joins the module's. Empty where the source does not parse.
    """
    if not _is_worth_parsing(source):
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    scope = _Scope("", 1, [])
    _add_docstring(tree, "", scope)
    _visit(tree.body, "", scope)
    _close(scope, None)
    return sorted(scope.found, key=lambda piece: piece.line)


def _is_worth_parsing(source: str) -> bool:
    """Whether a tenth of it is in triple quotes: the other files take a quarter of the time for 3% of the prose."""
    quoted = max(sum(map(len, source.split(quote)[1::2])) for quote in ('"""', "'''"))
    return 10 * quoted > len(source)


def _visit(body: Iterable[ast.AST], prefix: str, scope: _Scope) -> None:
    """Read the statements of a block. Expressions are not entered: they hold no definitions and most of the nodes."""
    for node in body:
        if isinstance(node, _DEFINITIONS):
            _define(node, f"{prefix}{node.name}", scope)
        elif isinstance(node, _COMPOUND):
            for block in _BLOCKS:
                _visit(getattr(node, block, ()), prefix, scope)


def _define(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str, scope: _Scope) -> None:
    if not isinstance(node, ast.ClassDef):
        _add_docstring(node, name, scope)
        _visit(node.body, f"{name}.", scope)
        return
    inner = _Scope(name, node.lineno, scope.found)
    _add_docstring(node, name, inner)
    _visit(node.body, f"{name}.", inner)
    _close(inner, scope)


def _add_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, name: str, scope: _Scope
) -> None:
    text = (ast.get_docstring(node) or "").strip()
    if len(text) >= SHORTEST:
        scope.found.append(Piece("docstring", name, getattr(node, "lineno", 1), text))
    elif text:
        scope.short.append(f"{name}: {text}" if name else text)


def _close(scope: _Scope, outer: _Scope | None) -> None:
    """Join the short docstrings of a scope that ends, or hand them to the scope around it."""
    text = "\n\n".join(scope.short)
    if len(text) >= SHORTEST:
        name = f"{scope.name}.*" if scope.name else "*"
        scope.found.append(Piece("module", name, scope.line, text))
    elif outer is not None:
        outer.short.extend(scope.short)


def topics(source: str) -> list[Piece]:
    """The help topics of `pydoc_data/topics.py`: the values of its one dictionary, by name. Empty where there is none."""
    try:
        body = ast.parse(source).body
        tables = [ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)]
    except (SyntaxError, ValueError):
        return []
    return [
        Piece("topic", name, 1, text.strip())
        for table in tables
        if isinstance(table, dict)
        for name, text in sorted(table.items())
    ]
