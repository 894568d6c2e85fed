"""The answers of a shard become rewrites of its documents: parsed, put together, and judged one check after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import pyarrow as pa

from curator.rephrase.parsing import joined, parsed
from curator.rephrase.prompts import sources_of
from curator.rephrase.requests import ANSWERS, Response
from curator.rephrase.strategy import load_strategies
from curator.steps.verify_checks import Inputs, Rewrite, checks_of
from curator.steps.verify_standards import Standards

CHECKED = pa.schema(
    [
        ("source_doc_id", pa.uint64()),
        ("strategy", pa.string()),
        ("text", pa.large_string()),
        ("answer", pa.large_string()),
        ("prompt_version", pa.string()),
        ("similarity", pa.float32()),
        ("supported", pa.float32()),
        ("quality", pa.float32()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
    ]
)
"""Every rewrite that was asked for. `answer` is what the engine wrote, `text` the document; `reason` is null where it passes."""


def checked_answers(shard: int, inputs: Inputs, standards: Standards) -> pa.Table:
    """CHECKED of a shard, by document and strategy."""
    rewrites = list(put_together(shard, inputs, standards))
    for check in checks_of(inputs, standards):
        judged = iter(check([rewrite for rewrite in rewrites if rewrite.reason is None]))
        rewrites = [rewrite if rewrite.reason is not None else next(judged) for rewrite in rewrites]
    return _table(rewrites)


def put_together(shard: int, inputs: Inputs, standards: Standards) -> Iterator[Rewrite]:
    """The rewrites of a shard from the answers for their parts; one whose part is none has that part's reason."""
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
        yield _with_answer(rewrite, responses)


def _with_answer(rewrite: Rewrite, responses: Sequence[Response]) -> Rewrite:
    strategy = rewrite.strategy
    found = [
        parsed(response, strategy, source)
        for response, source in zip(responses, sources_of(rewrite.source, strategy), strict=True)
    ]
    failed = next((part for part in found if part.reason), None)
    if failed is not None:
        return replace(rewrite, reason=failed.reason, detail=failed.detail)
    texts = [part.text for part in found]
    answer = joined("", texts, strategy).lstrip()
    return replace(rewrite, answer=answer, text=joined(rewrite.source, texts, strategy))


def _table(rewrites: Sequence[Rewrite]) -> pa.Table:
    columns = {
        name: [getattr(rewrite, name) for rewrite in rewrites] for name in CHECKED.names[2:] if name != "prompt_version"
    }
    columns["source_doc_id"] = [rewrite.document for rewrite in rewrites]
    columns["strategy"] = [rewrite.strategy.name for rewrite in rewrites]
    columns["prompt_version"] = [rewrite.strategy.version for rewrite in rewrites]
    return pa.table([pa.array(columns[field.name], field.type) for field in CHECKED], schema=CHECKED)
