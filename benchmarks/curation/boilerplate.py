"""What stands around the main text of real pages: menus, notices, lists of links; all that an extractor leaves out."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding
from resiliparse.parse.html import HTMLTree

from .sources import LEAST, Page, Side, cut, side_of

SETS = ("wcxb_dev", "trafilatura_eval", "postlight_fixtures")
LONGEST_LINE = 300  # longer ones are main text that the extractor has missed
LINES_IN_A_BLOCK = 8


def boilerplate(shared: Path, side: Side, choice: np.random.Generator) -> Iterator[Page]:
    """The whole text of each page without its main text, in random order; long ones are cut."""
    found = [
        Page(name, text)
        for html in SETS
        for name, page in html_pages(shared / "html" / f"{html}.tar.zst")
        if side_of("html", name) == side and len(text := around_main_text(page)) >= LEAST
    ]
    for place in choice.permutation(len(found)):
        for number, part in enumerate(cut(found[place].text, choice), 1):
            yield Page(f"boilerplate/{found[place].origin}#{number}", part)


def html_pages(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file of a tar.zst, in order."""
    with (
        pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        for member in tar:
            if (file := tar.extractfile(member)) is not None:
                yield member.name, file.read()


def around_main_text(page: bytes) -> str:
    """The short lines of a page that are not in its main text, a blank line after every eighth."""
    tree = HTMLTree.parse_from_bytes(page, detect_encoding(page) or "utf-8")
    main = {line.strip() for line in _text(tree, main=True).split("\n")}
    lines = [line for line in _text(tree, main=False).split("\n") if line.strip() and line.strip() not in main]
    short = [line for line in lines if len(line) <= LONGEST_LINE]
    blocks = range(0, len(short), LINES_IN_A_BLOCK)
    return "\n\n".join("\n".join(short[start : start + LINES_IN_A_BLOCK]) for start in blocks)


def _text(tree: HTMLTree, *, main: bool) -> str:
    text: str = extract_plain_text(
        tree, main_content=main, comments=True, preserve_formatting=True, list_bullets=True, alt_texts=False
    )
    return text
