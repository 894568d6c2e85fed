"""Which texts have the shape of questions that are answered, or of a work of reference: examples for training without labels.

Both are made to be right where they say yes: what they miss, others of its kind stand for. They read 40 and 25 MB/s.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.text import shape_patterns as patterns
from curator.text.line_kernels import cut_lines

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

ANSWER_BYTES = 150  # two sentences: what follows rhetorical questions and headlines is shorter
SENTENCE_BYTES = 60
HEADING_BYTES, HEADING_WORDS = 150, 20
MOST_OF_AN_ANSWER = 2000  # bytes that count: behind the last question stands the rest of the page
SHARE_OF_ANSWERS = 0.3
FEW_LINES = 4  # instruction, context, question, answer

REFERENCE_BYTES = 600
PARAGRAPH_BYTES, PARAGRAPHS, SHARE_OF_PROSE = 100, 3, 0.75
SHORTEST, LONGEST = 60, 260  # bytes of the mean sentence: 10 to 45 words of English, 20 to 85 characters of Chinese
DIGITS, CAPITALS = 0.06, 0.08  # shares of bytes: tables, titles and shouting have more


class _Lines(NamedTuple):
    """The lines with a word of all texts."""

    line: pa.LargeStringArray
    text: Numbers  # which text each is of, and its place there
    place: Numbers
    size: Numbers  # bytes
    words: Numbers
    sentence: Mask  # ends as a sentence does
    question: Mask
    opens: Mask  # goes on with nothing: the line before is blank or ends
    capitals: Numbers
    digits: Numbers
    texts: int

    def per_text(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        return np.asarray(np.bincount(self.text, values, minlength=self.texts), np.float64)


def question_and_answer_shaped(texts: pa.Array) -> Mask:
    """Which texts (string or large_string, null is empty) ask and answer: bool (n,). One of three shapes is enough:

    marked: a line "Q:" or "Question:" in a dozen languages, and behind it one "A:" of the same style with 100 bytes or more.
    headed: two questions or more as headings of one sentence with an interrogative, with an answer of ANSWER_BYTES in sentences
        behind each; two thirds of all lines that end in a question mark are such, and answers are 30 % of the text.
    opened: one question, as the title or in a text of at most FEW_LINES lines, and an answer.

    Never mail (quotations and headers), nor where legal terms, links or exclamation marks come in numbers. Of the main texts of
    1,476 web pages 7 % are found (of 42 read, 37 ask and answer; the others sell), of medical questions and answers 59 %, and 3 of
    17,000 mails, posts, logs, terms and lists of words.
    """
    lines = _lines(texts)
    shaped = _marked(lines) | _headed(lines) | _opened(lines)
    shaped[shaped] = ~_is_other(texts.filter(pa.array(shaped)), links=2, shouts=3)
    return shaped


def reference_shaped(texts: pa.Array) -> Mask:
    """Which texts (string or large_string, null is empty) explain as a work of reference does: bool (n,).

    Three quarters of the text are paragraphs of sentences of middling length; with few digits and capitals, code, links and
    exclamation marks, little speech, at most 3 pronouns of the first and second person in 1000 bytes; and at least three sayings of
    those who explain ("such as", "is called", "consists of"): .8 in 1000 bytes where a paragraph begins by defining something,
    else 1.5. Never mail and legal text. Of the main texts of web pages 2 % are found (of 28, 24 explain; the others report trends
    and products), of textbooks 12 %, and 1 of 43,000 news, novels, mails, posts, terms and logs.
    """
    lines = _lines(texts)
    size = lines.per_text(lines.size)
    prose = lines.sentence & (lines.size >= PARAGRAPH_BYTES)
    shaped = (size >= REFERENCE_BYTES) & (lines.per_text(prose) >= PARAGRAPHS)
    shaped &= lines.per_text(prose * lines.size) >= SHARE_OF_PROSE * size
    shaped &= (lines.per_text(lines.digits) <= DIGITS * size) & (lines.per_text(lines.capitals) <= CAPITALS * size)
    shaped[shaped] = _explains(texts.filter(pa.array(shaped)))
    return shaped


def _lines(texts: pa.Array) -> _Lines:
    cut = cut_lines(pc.fill_null(texts, "").cast(pa.large_string()))
    rows = np.flatnonzero(cut.words > 0)
    line = cut.text.take(pa.array(rows))
    text = np.repeat(np.arange(len(texts)), np.diff(cut.bounds))[rows]
    sentence, question = _matches(line, patterns.SENTENCE_LINE), _matches(line, patterns.QUESTION_LINE)
    ends = sentence | question | _matches(line, patterns.COLON_LINE)
    place = np.arange(len(rows)) - np.searchsorted(text, text)
    opens = (place == 0) | (np.diff(rows, prepend=0) > 1) | np.roll(ends, 1)
    size = pc.binary_length(line).to_numpy(zero_copy_only=False)
    counts = (cut.words[rows], sentence, question, opens, cut.upper[rows], cut.digits[rows])
    return _Lines(line, text, place, size, *counts, len(texts))


def _marked(lines: _Lines) -> Mask:
    found = np.zeros(lines.texts, np.bool_)
    for asked, answered in patterns.MARKS:
        asks, answers = _matches(lines.line, asked), _matches(lines.line, answered)
        size, _ = _behind(lines, asks | answers)
        marked = np.flatnonzero(asks | answers)
        before = np.roll(marked, 1)
        pairs = answers[marked] & asks[before] & (lines.text[marked] == lines.text[before])
        chosen = marked[pairs & (marked > before)]
        found[lines.text[chosen[size[chosen] + lines.size[chosen] >= 100]]] = True
    return found


def _headed(lines: _Lines) -> Mask:
    heading = _asks_as_heading(lines)
    size, sentences = _behind(lines, heading)
    answered = heading & (size >= ANSWER_BYTES) & (sentences > 0)
    enough = lines.per_text(answered * np.minimum(size, MOST_OF_AN_ANSWER)) >= SHARE_OF_ANSWERS * lines.per_text(
        lines.size
    )
    number = lines.per_text(answered)
    return np.asarray(enough & (number >= 2) & (3 * number >= 2 * lines.per_text(lines.question)))


def _opened(lines: _Lines) -> Mask:
    """The title may be the second line, under a short name of the page."""
    name = (lines.place == 0) & (lines.size <= 80) & ~lines.sentence & ~lines.question
    titled = _asks_as_heading(lines) & ((lines.place == 0) | (lines.place == 1) & np.roll(name, 1))
    few = lines.per_text(np.ones(len(lines.text)))[lines.text] <= FEW_LINES
    asks = lines.question & few & (lines.place < 3) & (lines.size <= 4 * HEADING_BYTES) & _interrogative(lines)
    size, sentences = _behind(lines, titled | asks)
    answered = (titled | asks) & (size >= ANSWER_BYTES) & (sentences > 0)
    return np.asarray((lines.per_text(answered) > 0) & (lines.per_text(lines.question) == 1))


def _asks_as_heading(lines: _Lines) -> Mask:
    short = (lines.size <= HEADING_BYTES) & (lines.words <= HEADING_WORDS)
    heading = _matches(lines.line, patterns.HEADING) & ~_matches(lines.line, patterns.SEVERAL_SENTENCES)
    return np.asarray(lines.question & lines.opens & short & heading & _interrogative(lines))


def _interrogative(lines: _Lines) -> Mask:
    """Of the questions; for others it makes no difference. Who is hooked ("Ready to start?") is not asked."""
    found = lines.question.copy()
    asked = lines.line.filter(pa.array(found))
    found[found] = _matches(asked, patterns.ASKS) & ~_matches(asked, patterns.ADDRESSED)
    return found


def _behind(lines: _Lines, starts: Mask) -> tuple[Numbers, Numbers]:
    """Bytes and sentence lines between each of these lines and the next, or the end of the text; of other lines, those around."""
    starts = starts | (lines.place == 0)
    part = np.cumsum(starts) - 1
    size = np.bincount(part, lines.size * ~starts)
    sentences = np.bincount(part, lines.sentence & ~starts & (lines.size >= SENTENCE_BYTES))
    return size[part].astype(np.int64), sentences[part].astype(np.int64)


def _explains(texts: pa.Array) -> Mask:
    lines = _lines(texts)
    size = np.maximum(lines.per_text(lines.size), 1)
    sentence = size / np.maximum(_counts(texts, patterns.SENTENCE_END), 1)
    near = (lines.size >= SENTENCE_BYTES) & ~_matches(lines.line, patterns.NOT_SUBJECT)
    near[near] = _matches(lines.line.filter(pa.array(near)), patterns.DEFINES)
    sayings = _counts(texts, patterns.EXPLAINS)
    explains = (sayings >= 3) & (1000 * sayings >= size * np.where(lines.per_text(near) > 0, 0.8, 1.5))
    plain = (sentence >= SHORTEST) & (sentence <= LONGEST) & ~_is_other(texts, links=0.5, shouts=0.5)
    for pattern, most in ((patterns.PRONOUN, 3), (patterns.SPEECH, 2), (patterns.CODE, 6)):
        plain &= 1000 * _counts(texts, pattern) <= most * size
    return np.asarray(explains & plain)


def _is_other(texts: pa.Array, *, links: float, shouts: float) -> Mask:
    """Mail; and what has more legal terms, links and exclamation marks in 1000 bytes."""
    size = np.maximum(pc.binary_length(texts).to_numpy(zero_copy_only=False), 1)
    other = _matches(texts, patterns.MAIL)
    for pattern, most in ((patterns.LEGAL, 1), (patterns.LINK, links), (patterns.SHOUT, shouts)):
        other |= 1000 * _counts(texts, pattern) > most * size
    return other


def _matches(lines: pa.Array, pattern: str) -> Mask:
    return np.array(pc.match_substring_regex(lines, pattern).to_numpy(zero_copy_only=False), np.bool_)


def _counts(texts: pa.Array, pattern: str) -> Numbers:
    return np.asarray(pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), np.int64)
