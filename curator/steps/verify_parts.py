"""The parts of rewrites. Each answer is held against the part of the document that it was asked for, which is all that the engine
had seen; a rewrite is made of those that pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.rephrase.parsing import joined, parsed
from curator.rephrase.prompts import sources_of
from curator.rephrase.requests import ANSWERS, Response
from curator.rephrase.strategy import Strategy, load_strategies
from curator.steps.verify_checks import Inputs, Rewrite
from curator.steps.verify_standards import Standards

LEFT_OUT = pa.schema(
    [
        ("doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("part", pa.int32()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
    ]
)
"""`left_out` of the step `verify`: the parts that no text is made of, by document, strategy and part; `doc_id` is the source's."""
APART = "apart"
"""The reason of a part that passes, but whose neighbour does not, and more parts pass elsewhere."""


def answered_parts(shard: int, inputs: Inputs, standards: Standards) -> Iterator[tuple[Rewrite, list[Rewrite]]]:
    """The rewrites that a shard was asked for, without an answer, each with its parts: what the engine said to each, parsed."""
    answers = inputs["rephrase"].sparse("answers", shard, ANSWERS)
    if not answers.num_rows:
        return
    strategies = {strategy.name: strategy for strategy in load_strategies(standards.rephrase)}
    rows = inputs["curate"].read("curated", shard, ["doc_id", "text", "language"])
    place = {document: row for row, document in enumerate(rows["doc_id"].to_pylist())}
    for (document, name), parts in groupby(answers.to_pylist(), key=lambda row: (row["doc_id"], row["strategy"])):
        source, language = (rows[column][place[document]].as_py() for column in ("text", "language"))
        rewrite = Rewrite(document=document, strategy=strategies[name], source=source, language=language)
        responses = [
            Response(key=part["key"], outcome=part["outcome"], text=part["text"] or "")
            for part in sorted(parts, key=lambda part: int(part["part"]))
        ]
        sources = sources_of(source, rewrite.strategy)
        yield rewrite, [_part(rewrite, *pair) for pair in zip(sources, responses, strict=True)]


def _part(rewrite: Rewrite, source: str, response: Response) -> Rewrite:
    found = parsed(response, rewrite.strategy, source)
    reason, detail = (found.reason, found.detail) if found.reason else (None, None)
    return replace(rewrite, source=source, answer=found.text, reason=reason, detail=detail)


def taken(strategy: Strategy, parts: Sequence[Rewrite]) -> list[Rewrite]:
    """The judged parts of a rewrite, with a reason also where one passes and is not taken.

    A text that goes on from part to part is made of the longest run of those that pass, the first of equally long ones: a gap
    would be a leap. A list is made of all that pass. A caption is expanded whole or not at all.
    """
    passes = np.array([part.reason is None for part in parts])
    wanted = passes & passes.all() if strategy.for_captions else _longest_run(passes) if strategy.goes_on else passes
    return [
        replace(part, reason=APART) if part.reason is None and not is_wanted else part
        for part, is_wanted in zip(parts, wanted.tolist(), strict=True)
    ]


def put_together(rewrite: Rewrite, parts: Sequence[Rewrite]) -> Rewrite:
    """`rewrite` with the answer and the text that its taken parts give, held from then on against the parts of its source that
    they are of. Where there are none it has the reason of the first that does not pass.
    """
    given = [part for part in parts if part.reason is None]
    if not given:
        first = next(part for part in parts if part.reason != APART)
        return replace(rewrite, parts=len(parts), reason=first.reason, value=first.value, detail=first.detail)
    texts, sizes = [part.answer for part in given], [len(part.source) for part in given]
    return replace(
        rewrite,
        source=rewrite.source if len(given) == len(parts) else "\n\n".join(part.source for part in given),
        answer=joined("", texts, rewrite.strategy).lstrip(),
        text=joined(rewrite.source, texts, rewrite.strategy),
        supported=float(np.average([part.supported or 0.0 for part in given], weights=[len(text) for text in texts])),
        parts=len(parts),
        covered=sum(sizes) / sum(len(part.source) for part in parts),
    )


def left_out(rewrites: Sequence[Sequence[Rewrite]]) -> pa.Table:
    """LEFT_OUT of rewrites, of each its parts as `taken` gives them."""
    rows = [
        (part.document, part.strategy.name, place, part.reason, part.value, part.detail)
        for parts in rewrites
        for place, part in enumerate(parts)
        if part.reason is not None
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(LEFT_OUT)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, LEFT_OUT, strict=True)], LEFT_OUT)


def _longest_run(passes: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where the longest run of true values is, the first of equally long ones."""
    edges = np.diff(np.concatenate(([0], passes.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    found = np.zeros(len(passes), bool)
    if len(starts):
        longest = int(np.argmax(ends - starts))
        found[starts[longest] : ends[longest]] = True
    return found
