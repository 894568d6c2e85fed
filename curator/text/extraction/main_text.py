"""Decoded HTML to the main text of the page, one function per extractor; each library is imported where it is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

from curator.errors import ConfigError

ExtractorName = Literal["resiliparse", "trafilatura"]

FEW_CHARACTERS = 1_000  # a longer main text is believed without a look at the whole text
SMALL_SHARE = 0.05  # of the whole text; 2 % to 10 % give the same F1 within a point, 20 % costs up to 6


def main_text_function(extractor: ExtractorName) -> Callable[[str], str]:
    """The function that turns decoded HTML into the main text; raises ConfigError where its library is missing."""
    if extractor == "resiliparse":
        return resiliparse_function()
    return trafilatura_function()


def check_installed(extractor: ExtractorName) -> None:
    """Raise ConfigError, before any page is read, where the extractor's library is missing."""
    if find_spec(extractor) is None:
        raise ConfigError(f"the extractor {extractor} is not installed: pip install 'curator[{extractor}]'")


def resiliparse_function() -> Callable[[str], str]:
    """resiliparse's main content, with two ways out where it is next to nothing of the page's whole text.

    It takes comments for boilerplate, which is right but where they are the page (forums), and drops lists near the
    root and pages of odd make. So where the main content is under 5 % of the whole text, comments count as content,
    and where that is still under 5 %, the whole text is taken. Token F1 on two sets of 585 pages: mean .806 -> .833 and
    .795 -> .817, worst tenth .12 -> .27 and .34 -> .38; it costs a second extraction of one page in ten.
    """
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLParserException, HTMLTree

    def extract(tree: HTMLTree, main_content: bool, comments: bool) -> str:
        text: str = extract_plain_text(
            tree,
            main_content=main_content,
            comments=comments,
            preserve_formatting=True,
            list_bullets=True,
            alt_texts=False,
        )
        return text

    def main_text(html: str) -> str:
        try:
            tree = HTMLTree.parse(html)
        except HTMLParserException as error:  # every text is HTML; its parser fails for want of memory only
            raise MemoryError from error
        text = extract(tree, main_content=True, comments=False)
        if len(text) >= FEW_CHARACTERS:
            return text
        whole = extract(tree, main_content=False, comments=True)
        enough = SMALL_SHARE * len(whole)
        if len(text) < enough:
            text = extract(tree, main_content=True, comments=True)
        return text if len(text) >= enough else whole

    return main_text


def trafilatura_function() -> Callable[[str], str]:
    """trafilatura between precision and recall: with tables, without comments, metadata, duplicate search or network."""
    check_installed("trafilatura")
    from trafilatura import extract

    def main_text(html: str) -> str:
        text = extract(
            html,
            output_format="txt",
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            deduplicate=False,
            with_metadata=False,
        )
        return text or ""

    return main_text
