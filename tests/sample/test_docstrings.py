"""What counts as a document in a Python source."""

from __future__ import annotations

import inspect

import pytest

from curator.sample.docstrings import pieces, topics

LONG = "Words that explain what this does. " * 8
MIDDLING = "Words that explain what this does. " * 4


def test_a_long_docstring_is_a_document_and_its_indentation_is_removed() -> None:
    source = f'def outer():\n    """First.\n\n        Indented.\n    {LONG}\n    """\n'
    (piece,) = pieces(source)
    assert (piece.kind, piece.name, piece.line) == ("docstring", "outer", 1)
    assert piece.text == inspect.cleandoc(f"First.\n\n        Indented.\n    {LONG}").strip()


def test_short_methods_of_a_class_are_joined_with_their_names() -> None:
    source = f'class A:\n    def f(self):\n        """{MIDDLING}"""\n    def g(self):\n        """{MIDDLING}"""\n'
    (piece,) = pieces(source)
    assert (piece.kind, piece.name) == ("module", "A.*")
    assert piece.text == f"A.f: {MIDDLING.strip()}\n\nA.g: {MIDDLING.strip()}"


def test_classes_with_too_little_to_say_are_joined_by_the_module() -> None:
    source = f'"""Short."""\nclass A:\n    """{MIDDLING}"""\nclass B:\n    """{MIDDLING}"""\n'
    (piece,) = pieces(source)
    assert (piece.kind, piece.name) == ("module", "*")
    assert piece.text == f"Short.\n\nA: {MIDDLING.strip()}\n\nB: {MIDDLING.strip()}"


@pytest.mark.parametrize("head", ["if x:", "for x in y:", "with x:", "try:\n    pass\nexcept OSError:", "def f():"])
def test_definitions_inside_of_blocks_are_found(head: str) -> None:
    source = f'{head}\n    class A:\n        async def g(self):\n            """{LONG}"""\n'
    (piece,) = pieces(source)
    assert piece.name.endswith("A.g")


def test_documents_come_by_line() -> None:
    source = f'"""{LONG}"""\ndef b():\n    """{LONG}"""\ndef a():\n    """{LONG}"""\n'
    assert [piece.name for piece in pieces(source)] == ["", "b", "a"]


def test_a_source_that_is_mostly_code_is_not_parsed() -> None:
    assert pieces(f'def f():\n    """{LONG}"""\n' + "x = 1\n" * 1000) == []


@pytest.mark.parametrize("source", ["", "x = 1", f'print """{LONG}"""', f'"""{LONG}"""\0', '"""' + LONG])
def test_a_source_without_docstrings_or_that_does_not_parse_has_none(source: str) -> None:
    assert pieces(source) == []


def test_help_topics_are_read_from_the_dictionary_by_name() -> None:
    found = topics(f"# generated\ntopics = {{'b': {LONG!r}, 'a': {LONG!r}}}\n")
    assert [(piece.kind, piece.name, piece.text) for piece in found] == [
        ("topic", "a", LONG.strip()),
        ("topic", "b", LONG.strip()),
    ]


@pytest.mark.parametrize("source", ["topics = {", "topics = dict(a=f())", "topics = ['a']"])
def test_help_topics_in_another_form_are_none(source: str) -> None:
    assert topics(source) == []
