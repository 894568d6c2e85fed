"""One form for what is the same web address, for the URLs of documents and for the entries of block lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

_PUNYCODE = re.compile(r"(?<![^/.@])xn--([a-z0-9-]{1,59})")


def normal_urls(url: pa.Array) -> pa.Array:
    """URLs (string or large_string) in lower case as large_string, percent-encoding and punycode undone, NFKC; null stays null.

    Almost all rows are ASCII without either, and never leave Arrow.
    """
    url = pc.ascii_lower(pc.utf8_trim(url.cast(pa.large_string()), " \t\r\n"))
    url = _where(url, pc.match_substring(url, "%"), lambda text: unquote(text).lower())
    url = _where(url, pc.match_substring(url, "xn--"), lambda text: _PUNYCODE.sub(_label, text))
    return _where(url, pc.invert(pc.string_is_ascii(url)), lambda text: unicodedata.normalize("NFKC", text).lower())


def _where(url: pa.Array, chosen: pa.Array, change: Callable[[str], str]) -> pa.Array:
    chosen = pc.fill_null(chosen, False)
    if not pc.any(chosen).as_py():
        return url
    changed = [change(text) for text in url.filter(chosen).to_pylist()]
    return pc.replace_with_mask(url, chosen, pa.array(changed, pa.large_string()))


def _label(found: re.Match[str]) -> str:
    """A label of an international domain name in its own letters; what is no punycode stays."""
    try:
        return found[1].encode().decode("punycode")
    except UnicodeError:
        return found[0]
