"""Alarms: sources that lose so much to deduplication that somebody should look. A note beside the result, never a failure."""

from __future__ import annotations

from curator.reconcile import Funnel
from curator.steps.ledger import SOURCE_DUPLICATES, SOURCE_GIVEN

FEWEST_DOCUMENTS = 100


def source_alarms(funnel: Funnel, share: float) -> list[str]:
    """A sentence for each source of which exact and near deduplication took more than `share` of what they were given.

    Sources are ordered by name; those of fewer than 100 documents are left alone. Deduplication that goes wrong looks like
    success: Marin saw 859,092 documents become 2.
    """
    counts = funnel.ledger
    given = {name.removeprefix(SOURCE_GIVEN): count for name, count in counts.items() if name.startswith(SOURCE_GIVEN)}
    taken = {source: counts.get(SOURCE_DUPLICATES + source, 0) for source in given}
    loud = sorted(
        source for source in given if given[source] >= FEWEST_DOCUMENTS and taken[source] > share * given[source]
    )
    return [_sentence(source, given[source], taken[source], share) for source in loud]


def _sentence(source: str, given: int, taken: int, share: float) -> str:
    return (
        f"source {source}: {taken:,} of the {given:,} documents given to deduplication were dropped as duplicates "
        f"({taken / given:.1%}, above duplicates.source_alarm {share:g}); look at some of them with `curator explain`"
    )
