"""One HTML page: its main text and what it says of itself, or the error that stopped it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from curator.text.extraction.charset import decoded
from curator.text.extraction.hints import licence_and_robots


class Extraction(NamedTuple):
    """The main text of a page, or None: with the error that stopped it, or without where the page has no text."""

    text: str | None
    error: str | None
    licence: str | None = None
    """The URL of the licence that the page names for itself, as written there."""
    robots: str | None = None
    """The directives of its robots meta elements, such as `noai,noindex`."""


def extract_page(page: bytes, http_charset: str | None, main_text: Callable[[str], str]) -> Extraction:
    """The main text and the hints of a page, extracted in this process by a function of main_text.py.

    Raises MemoryError and what is no Exception; anything else that a page does to the extractor is its error.
    """
    try:
        html = decoded(page, http_charset)
        text = main_text(html)
        licence, robots = licence_and_robots(html)
    except MemoryError:
        raise
    except Exception as error:  # whatever one page of the web does to a parser costs that page and no other
        return Extraction(None, f"the page cannot be parsed: {type(error).__name__}: {error}")
    return Extraction(text if text and not text.isspace() else None, None, licence, robots)
