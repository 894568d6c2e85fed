"""The answers of a shard become rewrites of its documents: part by part and then as a whole judged, one check after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from curator.steps.synthetic_tables import names_of
from curator.steps.verify_checks import Check, Inputs, Rewrite, checks_of, faithful
from curator.steps.verify_entailment import entailed
from curator.steps.verify_parts import answered_parts, left_out, put_together, taken
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
        ("parts", pa.int32()),
        ("covered", pa.float32()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("detail", pa.string()),
    ]
)
"""Every rewrite that was asked for, in so many `parts`. `answer` is what the engine wrote, `text` the document; `reason` is null
where it passes."""


def checked_answers(shard: int, inputs: Inputs, standards: Standards) -> tuple[pa.Table, pa.Table]:
    """CHECKED of a shard, by document and strategy, and LEFT_OUT of it."""
    asked = list(answered_parts(shard, inputs, standards))
    judged = iter(_judged([part for _, parts in asked for part in parts], checks_of_parts(standards)))
    found = [(rewrite, taken(rewrite.strategy, [next(judged) for _ in parts])) for rewrite, parts in asked]
    rewrites = [put_together(rewrite, parts) for rewrite, parts in found]
    return _table(_judged(rewrites, checks_of(inputs, standards))), left_out([parts for _, parts in found])


def checks_of_parts(standards: Standards) -> list[Check]:
    """What this run holds each part of a rewrite against, in the order in which it is done."""
    checks: list[Check] = [partial(faithful, standards=standards)]
    entailment = standards.rephrase.checks.entailment
    return checks if entailment is None else [*checks, partial(entailed, entailment=entailment)]


def passed(rows: pa.Table) -> pa.Table:
    """The rewrites of CHECKED that nothing speaks against so far."""
    return rows.filter(pc.is_null(rows["reason"]))


def answers_of(accepted: pa.Table, checked: pa.Table) -> pa.ChunkedArray:
    """What the engine wrote for each of these rows of ACCEPTED, by CHECKED: without the original that it may stand behind."""
    place = {name: row for row, name in enumerate(names_of(checked))}
    return checked["answer"].take(pa.array([place[name] for name in names_of(accepted)], pa.int64()))


def _judged(rewrites: Sequence[Rewrite], checks: Sequence[Check]) -> list[Rewrite]:
    """Each check judges those that have passed the ones before."""
    found = list(rewrites)
    for check in checks:
        judged = iter(check([rewrite for rewrite in found if rewrite.reason is None]))
        found = [rewrite if rewrite.reason is not None else next(judged) for rewrite in found]
    return found


def _table(rewrites: Sequence[Rewrite]) -> pa.Table:
    columns = {
        name: [getattr(rewrite, name) for rewrite in rewrites] for name in CHECKED.names[2:] if name != "prompt_version"
    }
    columns["source_doc_id"] = [rewrite.document for rewrite in rewrites]
    columns["strategy"] = [rewrite.strategy.name for rewrite in rewrites]
    columns["prompt_version"] = [rewrite.strategy.version for rewrite in rewrites]
    return pa.table([pa.array(columns[field.name], field.type) for field in CHECKED], schema=CHECKED)
