"""How varied synthetic text is against its sources, on a sample: openings, pairs of words, what texts share, vocabulary, concepts.

Template collapse shows first in openings (115 of 1,000 outputs of one model shared one), and one strategy alone flattens a long
run (BeyondWeb, lesson 5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from curator.rephrase.self_similarity import self_similarity

OPENING_WORDS = 5
COMPARED_WORDS = 20_000  # of each side: distinct words and pairs grow slower than text, so only equal amounts compare
LEAST_WORDS = 2_000  # fewer say nothing
LEAST_RATIO = 0.8  # of the distinct pairs of the sources
COMPARED_DOCUMENTS = 1_000  # for what they share with each other
MOST_SIMILAR = 0.1  # by which texts may share more of their runs of words with each other than their sources do
TOLERANCE = 0.05  # by which a strategy's part of what was accepted may differ from that of what was assigned
ERRORS = 2.0  # standard errors of that part, by which it may differ in a small run


@dataclass(frozen=True, kw_only=True)
class Diversity:
    """Of the documents of one strategy, or of all together.

    `opening_share`: of them begin with the most frequent opening; `distinct_pairs`: different pairs of neighbouring words over
    all, in as many words of synthetic and of source text, and so `source_distinct_pairs`, `vocabulary` and `source_vocabulary`
    (words); None where there are too few words. `self_similarity`: how much of one text others say in the same four words, and of
    its source other sources, in equally long beginnings. `vocabulary_kept`: of the sources' words so many occur; `concepts`: so
    many of the sample's concepts occur, None in a run without.
    """

    documents: int
    opening: str
    opening_share: float
    distinct_pairs: float | None
    source_distinct_pairs: float | None
    self_similarity: float | None
    source_self_similarity: float | None
    vocabulary: int | None
    source_vocabulary: int | None
    vocabulary_kept: float
    concepts: float | None

    @property
    def flattened(self) -> bool:
        """Whether it is distinctly less varied than its sources."""
        if self.distinct_pairs is None or self.source_distinct_pairs is None:
            return False
        return self.distinct_pairs < LEAST_RATIO * self.source_distinct_pairs

    @property
    def alike(self) -> bool:
        """Whether its texts are distinctly more alike than their sources are."""
        if self.self_similarity is None or self.source_self_similarity is None:
            return False
        return self.self_similarity > self.source_self_similarity + MOST_SIMILAR


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A synthetic document of the sample, its source, and the source's concept, None in a run without."""

    strategy: str
    text: str
    source: str
    concept: int | None


def diversity(pairs: Sequence[Pair]) -> Diversity:
    """Of these documents, at least one, in the order in which words are counted."""
    assert pairs, "diversity is of at least one document"
    openings = Counter(opening_of(pair.text) for pair in pairs)
    opening, times = min(openings.items(), key=lambda item: (-item[1], item[0]))
    words, of_sources = (_words(getattr(pair, side) for pair in pairs) for side in ("text", "source"))
    compared = min(len(words), len(of_sources), COMPARED_WORDS)
    enough = compared >= LEAST_WORDS
    concepts = {pair.concept for pair in pairs} - {None}
    known = set(of_sources)
    alike = _self_similarities(pairs[:COMPARED_DOCUMENTS]) if enough else (None, None)
    return Diversity(
        documents=len(pairs),
        opening=opening,
        opening_share=times / len(pairs),
        distinct_pairs=_distinct_pairs(words[:compared]) if enough else None,
        source_distinct_pairs=_distinct_pairs(of_sources[:compared]) if enough else None,
        self_similarity=alike[0],
        source_self_similarity=alike[1],
        vocabulary=len(set(words[:compared])) if enough else None,
        source_vocabulary=len(set(of_sources[:compared])) if enough else None,
        vocabulary_kept=len(known & set(words)) / max(1, len(known)),
        concepts=len(concepts) if concepts else None,
    )


def opening_of(text: str) -> str:
    """How a text begins: its first words, in small letters."""
    return " ".join(text[:200].lower().split()[:OPENING_WORDS])


def report(pairs: Sequence[Pair], assigned: Mapping[str, int], conversations: Iterable[str]) -> dict[str, Any]:
    """What `synthetic.json` says of a sample of what was accepted: of all and by strategy, with warnings in words.

    `assigned` is how many rewrites each strategy was to make, `conversations` the strategies of that style.
    """
    by_strategy = {name: [pair for pair in pairs if pair.strategy == name] for name in sorted(assigned)}
    found = {name: diversity(of_it) for name, of_it in by_strategy.items() if of_it}
    parts = {name: len(of_it) / max(1, len(pairs)) for name, of_it in by_strategy.items()}
    shares = {name: assigned[name] / max(1, sum(assigned.values())) for name in by_strategy}
    warnings = [
        _uneven(name, parts[name], share)
        for name, share in shares.items()
        if pairs and _differs(parts[name], share, len(pairs))
    ]
    warnings += [
        f"{name}: {one.distinct_pairs:.0%} of its pairs of words are different, of its sources' {one.source_distinct_pairs:.0%}"
        for name, one in found.items()
        if one.flattened
    ]
    warnings += [
        f"{name}: {one.self_similarity:.0%} of a text is said in other texts of it, "
        f"and {one.source_self_similarity:.0%} of a source in others"
        for name, one in found.items()
        if one.alike
    ]
    return {
        "sample": len(pairs),
        "all": asdict(diversity(pairs)) if pairs else None,
        "strategies": {
            name: {"share": parts[name], "assigned_share": shares[name], **asdict(one)} for name, one in found.items()
        },
        "conversation_share": sum(parts.get(name, 0.0) for name in conversations),
        "warnings": warnings,
    }


def _differs(part: float, share: float, documents: int) -> bool:
    return abs(part - share) > max(TOLERANCE, ERRORS * sqrt(share * (1 - share) / documents))


def _uneven(name: str, part: float, share: float) -> str:
    """A model that cannot make a form leaves the mix to the others."""
    passed = "more" if part > share else "fewer"
    told = f"{name} is {part:.0%} of the synthetic documents and {share:.0%} of the rewrites that were assigned"
    return f"{told}: {passed} of them pass than of the others"


def _self_similarities(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Of the texts and of their sources, the two of a pair cut to the same number of words."""
    words = [(pair.text.lower().split(), pair.source.lower().split()) for pair in pairs]
    groups = [pair.source for pair in pairs]
    sides = zip(*((text[: len(source)], source[: len(text)]) for text, source in words), strict=True)
    texts, sources = (self_similarity(side, groups) for side in sides)
    return texts, sources


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in text.lower().split()]


def _distinct_pairs(words: list[str]) -> float:
    pairs = list(pairwise(words))
    return len(set(pairs)) / len(pairs)
