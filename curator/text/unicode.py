"""Clean Unicode: one form for what reads the same, so that exact duplicates are equal bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

# Every space of Unicode (category Z) and the tab; with the newline, what is stripped from the ends of a text.
SPACES = (
    "\t \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

# Category Cc but \t and \n, and what has no width or is no character: U+200B, U+FEFF, U+FFFE, U+FFFF.
INVISIBLE = r"[\x00-\x08\x0B-\x1F\x7F-\x{9F}\x{200B}\x{FEFF}\x{FFFE}\x{FFFF}]"

# Code points that NFC never changes, whatever stands beside them: a text of these alone skips the slow normalisation.
# Latin, Greek letters, Cyrillic, Hebrew and Arabic letters, punctuation, kana, CJK, Hangul syllables, full-width forms.
STABLE = (
    r"\x00-\x{2FF}\x{391}-\x{3A9}\x{3B1}-\x{3C9}\x{400}-\x{482}\x{48A}-\x{52F}\x{5D0}-\x{5EA}\x{620}-\x{64A}"
    r"\x{2002}-\x{2027}\x{2030}-\x{205E}\x{20A0}-\x{20CF}\x{3000}-\x{3029}\x{3030}-\x{3098}\x{309B}-\x{30FF}"
    r"\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}\x{FF00}-\x{FFEF}"
)


def clean_text(text: pa.Array) -> pa.Array:
    """Texts (string or large_string) in one clean form, as large_string; null stays null. Idempotent.

    Line ends become LF; control characters but newline and tab, U+FEFF, U+200B, U+FFFE and U+FFFF go; then NFC; then
    the white space at line ends goes, more than two newlines become two, and the whole is stripped. Removal comes first
    because it may bring a letter and its accent together; nothing after NFC can undo it.
    """
    text = text.cast(pa.large_string())
    text = _where(text, r"\r", lambda rows: pc.replace_substring(pc.replace_substring(rows, "\r\n", "\n"), "\r", "\n"))
    text = _where(text, INVISIBLE, lambda rows: pc.replace_substring_regex(rows, INVISIBLE, ""))
    text = _where(text, f"[^{STABLE}]", _composed)
    text = _where(text, f"[{SPACES}]\n", lambda rows: pc.replace_substring_regex(rows, f"[{SPACES}]+\n", "\n"))
    text = _where(text, "\n\n\n", lambda rows: pc.replace_substring_regex(rows, "\n{3,}", "\n\n"))
    return pc.utf8_trim(text, characters=SPACES + "\n")


def _composed(text: pa.Array) -> pa.Array:
    """NFC by Python's own tables: Arrow's kernel leaves texts as they are in pyarrow 25.0.1, the last one for Python 3.10."""
    texts = (unicodedata.normalize("NFC", row) for row in text.to_pylist())
    return pa.array(texts, pa.large_string())


def _where(text: pa.Array, pattern: str, repair: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Repair only the texts in which the pattern occurs: to look is several times faster than to rewrite."""
    found = pc.fill_null(pc.match_substring_regex(text, pattern), False)
    if not pc.any(found).as_py():
        return text
    return pc.replace_with_mask(text, found, repair(text.filter(found)))
