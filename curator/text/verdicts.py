"""Verdicts on documents: tables of `reason` (string), `value` (float64), `detail` (string), null where a document passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curator.config.cleaning import Language

VERDICT = pa.schema([("reason", pa.string()), ("value", pa.float64()), ("detail", pa.string())])


def first_of(verdicts: Sequence[pa.Table]) -> pa.Table:
    """The first verdict that is not null, for every document."""
    rows = verdicts[0].num_rows
    stacked = pa.concat_tables([verdict.select(VERDICT.names).cast(VERDICT) for verdict in verdicts])
    fails = pc.is_valid(stacked["reason"]).to_numpy().reshape(len(verdicts), rows)
    return stacked.take(pa.array(fails.argmax(axis=0) * rows + np.arange(rows)))


def judge_language(statistics: pa.Table, language: Language) -> pa.Table:
    """Documents in a language that is not kept, not surely in it, or with too many paragraphs in others.

    The value is the probability of the language that was found, or the share of paragraphs; the detail is the language.
    """
    found, probability = statistics["language"], statistics["language_probability"]
    limits = [language.min_probabilities.get(code, language.min_probability) for code in language.keep]
    wanted = pc.index_in(found, pa.array(language.keep))
    limit = pa.array(limits, pa.float32()).take(wanted)
    fails = pc.invert(pc.fill_null(pc.greater_equal(probability, limit), False))
    verdict = _verdict("language", fails, probability, found)
    if language.min_paragraph_share is None:
        return verdict
    share = statistics["paragraph_share"]
    mixed = pc.less(share, pa.scalar(language.min_paragraph_share, pa.float32()))
    return first_of([verdict, _verdict("language.paragraphs", mixed, share, found)])


def judge_robots(robots: pa.ChunkedArray, directives: Sequence[str]) -> pa.Table:
    """Pages whose robots hints (comma list, lower case) hold one of the directives; the detail is the page's list."""
    listed = pc.binary_join_element_wise("", robots, "", ",")  # a comma before and after each directive
    fails = pa.array(np.zeros(len(robots), bool))
    for directive in directives:
        fails = pc.or_(fails, pc.fill_null(pc.match_substring(listed, f",{directive},"), False))
    return _verdict("robots", fails, pa.array(np.ones(len(robots))), robots)


def judge_personal_data(statistics: pa.Table, kinds: Sequence[str]) -> pa.Table:
    """Documents with personal data of one of the kinds; the value is how many."""
    nothing = pa.nulls(statistics.num_rows, pa.string())
    counts = {kind: statistics[f"pii_{kind}"] for kind in kinds}
    return first_of([_verdict(f"pii.{kind}", pc.greater(count, 0), count, nothing) for kind, count in counts.items()])


def _verdict(reason: str, fails: pa.ChunkedArray, value: pa.ChunkedArray, detail: pa.ChunkedArray) -> pa.Table:
    """One reason for the documents that fail."""
    columns = (pa.scalar(reason), pc.cast(value, pa.float64()), detail)
    return pa.table(
        [
            pc.if_else(fails, column, pa.scalar(None, field.type))
            for column, field in zip(columns, VERDICT, strict=True)
        ],
        schema=VERDICT,
    )
