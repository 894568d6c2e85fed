"""Boilerplate lines of web pages: counters, calls to action, policies; and the line rules of RefinedWeb, DCLM and C4."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text import line_patterns as patterns
from curator.text.line_kernels import Lines, cut_lines
from curator.text.unicode import SPACES, clean_text

Mask = npt.NDArray[np.bool_]

CURATOR_LINES = ("counter", "call_to_action", "javascript", "policy")
"""The careful default: what no page means to say. Headings in capitals, numbers and single words stay."""

REFINEDWEB_LINES = ("upper_case", "numeric", "dclm_counter", "one_word", "dclm_call_to_action")
"""Appendix G.2 of Penedo 2023, as DCLM rebuilt it: the paper names each rule and one example for it."""

DCLM_LINES = REFINEDWEB_LINES
"""`dclm_baseline_refinedweb.yaml` of DCLM. It then drops documents that lost more than 5 % of their words."""

C4_LINES = ("long_word", "citations", "few_words", "c4_javascript", "c4_policy")
"""datatrove's C4QualityFilter as FineWeb sets it: `filter_no_terminal_punct=False`."""

SHORT = 10
"""Words: RefinedWeb edits lines of at most so many. For our own rules it is a limit, too; notices have twice as many."""


def clean_lines(text: pa.Array, rules: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """Clean texts (as `clean_text` leaves them) without the lines that a rule hits: large_string, null stays null; and the
    share of their words that went, float32, 0 where there is no word.

    Lines end at newlines, words are those of `str.split`. Where something goes, the text is cleaned again: lines that an edit
    empties go too, more than two newlines become two. Citations are cut first, then lines are judged, then calls are cut, as
    in the published code. CURATOR_LINES are idempotent; rules that cut parts of lines are not: the rest is not judged again.

    counter            ours: a line of nothing but "3 likes", "1 reply", "2 days ago", "5 min read"
    call_to_action     ours: a line of at most 10 words that is nothing but "Read more", "Log in or register", "Advertisement"
    javascript         ours: a line of at most 20 words that asks for JavaScript to be enabled
    policy             ours: a cookie banner of at most 20 words, or a menu such as "Privacy | Terms"; never a title
    upper_case         RefinedWeb: more than half of the line's characters are capitals (DCLM's limit)
    numeric            RefinedWeb: all characters are digits
    one_word           RefinedWeb: one word, or white space alone
    dclm_counter       RefinedWeb: "3 likes", "1.2K views" by DCLM's twelve nouns, plural only
    dclm_call_to_action  RefinedWeb edits lines of at most 10 words: "sign-in" at the begin, "read more..." at the end, "items
                       in cart" anywhere is cut; the line goes if nothing is left
    c4_javascript      C4: the line holds "javascript"
    c4_policy          C4: "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"
    citations          C4: "[1]", "[]", "[edit]" and "[citation needed]" are cut
    no_terminal_punctuation  C4: the line does not end in . ? ! " or ', or it ends in three dots
    few_words          C4: fewer than 3 words, counted before citations are cut; so blank lines go
    long_word          C4: a word of more than 1,000 characters
    """
    text = text.cast(pa.large_string())
    share = np.zeros(len(text), np.float32)
    found = _found(text, rules)
    if found.any():
        chosen = pa.array(found)
        cleaned, share[found] = _without_boilerplate(text.filter(chosen), rules)
        text = pc.replace_with_mask(text, chosen, cleaned)
    return text, pa.array(share)


_PATTERNS = {
    "counter": (patterns.COUNTER, SHORT),
    "call_to_action": (patterns.CALL_TO_ACTION, SHORT),
    "javascript": (patterns.JAVASCRIPT, 2 * SHORT),
    "policy": (patterns.POLICY, 2 * SHORT),
    "dclm_counter": (patterns.DCLM_COUNTER, None),
    "c4_javascript": (patterns.C4_JAVASCRIPT, None),
    "c4_policy": (patterns.C4_POLICY, None),
}
"""Of each rule that looks for something: what, and the most words of the line."""

_SHAPES: dict[str, Callable[[Lines], Mask]] = {
    "upper_case": lambda lines: 2 * lines.upper > lines.characters,
    "numeric": lambda lines: (lines.digits == lines.characters) & (lines.digits > 0),
    "one_word": lambda lines: (lines.words < 2) & (lines.characters > 0),
    "few_words": lambda lines: lines.words < 3,
    "long_word": lambda lines: lines.longest_word > 1000,
}

_EDITS = {"citations": ((patterns.CITATION,), None), "dclm_call_to_action": (patterns.DCLM_CALLS, SHORT)}

LINE_RULES = (*_PATTERNS, *_SHAPES, *_EDITS, "no_terminal_punctuation")


def _matches(text: pa.Array, pattern: str) -> Mask:
    found: Mask = pc.fill_null(pc.match_substring_regex(text, pattern), False).to_numpy(zero_copy_only=False)
    return found


def _found(text: pa.Array, rules: Sequence[str]) -> Mask:
    """The texts with something to look at closely: all, unless every rule looks for a pattern."""
    assert set(rules) <= set(LINE_RULES), rules
    if all(rule in _PATTERNS for rule in rules):
        return _matches(text, "|".join(f"(?:{_PATTERNS[rule][0]})" for rule in rules) or "$^")
    valid: Mask = pc.is_valid(text).to_numpy(zero_copy_only=False)
    return valid


def _without_boilerplate(text: pa.Array, rules: Sequence[str]) -> tuple[pa.Array, npt.NDArray[np.float64]]:
    lines = cut_lines(text)
    written = _edited(lines, lines.text, "citations") if "citations" in rules else lines.text
    kept = ~_dropped(lines, written, rules)
    written = _edited(lines, written, "dclm_call_to_action") if "dclm_call_to_action" in rules else written
    edited = pc.not_equal(written, lines.text).to_numpy(zero_copy_only=False)
    changed = _per_document(lines, ~kept | edited) > 0
    blank = edited & ~_matches(written, f"[^\n{SPACES}]")
    cleaned = clean_text(_joined(written, kept & ~blank, lines.bounds).filter(pa.array(changed)))
    before = _per_document(lines, lines.words)
    after = before.copy()
    rest = cut_lines(cleaned)
    after[changed] = _per_document(rest, rest.words)
    return pc.replace_with_mask(text, pa.array(changed), cleaned), (before - after) / np.maximum(before, 1)


def _dropped(lines: Lines, written: pa.Array, rules: Sequence[str]) -> Mask:
    """Lines that any rule drops, by their own measures and by what is `written` in them after citations went."""
    dropped = np.zeros(len(written), np.bool_)
    for rule in rules:
        if rule in _SHAPES:
            dropped |= _SHAPES[rule](lines)
        elif rule == "no_terminal_punctuation":
            dropped |= ~_matches(written, r"(?m)[.?!\"']$") | _matches(written, r"(?m)\.\.\.$")
        elif rule in _PATTERNS:
            pattern, most = _PATTERNS[rule]
            hits = _matches(written, pattern)
            dropped |= hits if most is None else hits & (lines.words <= most)
    return dropped


def _edited(lines: Lines, text: pa.Array, rule: str) -> pa.Array:
    cuts, most = _EDITS[rule]
    for pattern in cuts:
        found = _matches(text, pattern)
        found = found if most is None else found & (lines.words <= most)
        if found.any():
            chosen = pa.array(found)
            text = pc.replace_with_mask(text, chosen, pc.replace_substring_regex(text.filter(chosen), pattern, ""))
    return text


def _per_document(lines: Lines, values: npt.NDArray[np.int64] | Mask) -> npt.NDArray[np.int64]:
    """Sums over the lines of each document."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)])
    totals: npt.NDArray[np.int64] = sums[lines.bounds[1:]] - sums[lines.bounds[:-1]]
    return totals


def _joined(text: pa.Array, kept: Mask, bounds: npt.NDArray[np.int64]) -> pa.LargeStringArray:
    """The kept lines of each document as one text: they carry their newlines, so only the offsets are new."""
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)])[bounds]
    rows = text.filter(pa.array(kept))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(pc.binary_length(rows).to_numpy(zero_copy_only=False))])
    data = rows.buffers()[2] if len(rows) else pa.py_buffer(b"")
    return pa.LargeStringArray.from_buffers(len(bounds) - 1, pa.py_buffer(ends[first]), data)
