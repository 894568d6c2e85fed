"""Sentences of an answer that deny what the source says, or say what it denies.

Clauses are compared: each of the answer with that of each sentence of the source that has most of its words. What an `unable` or
`forbidden` stands for is left open, so only plain negations without any counterpart are found. Questions are not judged.
"""

from __future__ import annotations

from collections import Counter

from curator.rephrase.clauses import Clause
from curator.rephrase.reading import Reading, Sentence

LEAST = 0.4
"""Share of the stems of an answer's clause that a sentence of the source must have to be about the same."""
SAME = 0.5
"""The same where the word that is denied is not among them, or the negation is added."""
SURE = 0.6
"""The same for a clause beside which the source denies something else."""
NEAR = 0.7
"""Clauses of the source count beside the best one from this share of its common stems on."""
FEWEST = 2
"""Words in common, where the one that is denied is not among them."""
ELSEWHERE = 0.5
"""Weight of a stem in another clause of the source's sentence."""
MOST_CLAUSES = 64
"""A stem in more clauses of the source aligns nothing: time stays linear."""


def flipped(source: Reading, answer: Reading) -> str | None:
    """The first sentence of the answer with another polarity than what the source says, or None."""
    if not source.denies and not answer.denies:
        return None
    for sentence in answer.sentences:
        if not sentence.asks and any(_contradicts(clause, sentence, source, answer) for clause in sentence.clauses):
            return sentence.text
    return None


def _contradicts(clause: Clause, sentence: Sentence, source: Reading, answer: Reading) -> bool:
    if clause.negations == 0 and clause.stems.isdisjoint(source.denied):
        return False
    if (clause.stems, clause.negations) in source.polarities:
        return False
    theirs = _alike(clause, source)
    if not theirs or any(clause.soft != other.soft for other in theirs):
        return False
    if clause.negations:
        return _adds(clause, theirs, sentence, source)
    return _drops(clause, theirs, sentence, source, answer)


def _alike(clause: Clause, source: Reading) -> list[Clause]:
    """The clauses of the source that say or deny the same, one of a sentence; none where no sentence does."""
    shared, whole, found = Counter[int](), Counter[int](), dict[int, Clause]()
    for stem in clause.stems:
        places = source.statements.get(stem, ())
        if len(places) <= MOST_CLAUSES:
            shared.update(id(other) for other in places)
            found.update((id(other), other) for other in places)
            whole.update({other.place for other in places})
    best = dict[int, tuple[float, Clause]]()
    for one, count in shared.items():
        other = found[one]
        common = count + ELSEWHERE * (whole[other.place] - count)
        share = common**2 / (len(clause.stems) + len(other.stems))
        if other.place not in best or share > best[other.place][0]:
            best[other.place] = share, other
    most = max((share for share, _ in best.values()), default=0.0)
    near = [other for share, other in best.values() if share >= NEAR * most]
    enough = any(whole[other.place] >= LEAST * len(clause.stems) for other in near)
    return near if enough else []


def _adds(clause: Clause, theirs: list[Clause], sentence: Sentence, source: Reading) -> bool:
    """Whether the clause denies what the source says."""
    if clause.negations > 1:
        return all(other.negations < clause.negations for other in theirs)
    if any(other.negations % 2 for other in theirs) or len(clause.stems) < FEWEST:
        return False
    share = max(_share(clause, other, source) for other in theirs)
    doubtful = any(_denies(source.sentences[other.place], clause) for other in theirs)
    if clause.of_thing and (doubtful or not all(other.stems <= sentence.said for other in theirs)):
        return False
    if doubtful:
        inside = max(len(clause.stems & other.stems) for other in theirs) / len(clause.stems)
        return inside >= SURE and all(clause.heads & other.stems for other in theirs)
    named = all(clause.heads & source.sentences[other.place].said for other in theirs)
    return share >= SAME and (named or _words_in_common(clause, theirs, source) >= FEWEST)


def _drops(clause: Clause, theirs: list[Clause], sentence: Sentence, source: Reading, answer: Reading) -> bool:
    """Whether the clause says what the source denies, and no clause beside it has the negation."""
    if any(other.negations % 2 == 0 for other in theirs):
        return False
    stems = {stem for other in theirs for stem in other.stems}
    if any(own.negations and own is not clause and not own.stems.isdisjoint(stems) for own in sentence.clauses):
        return False
    if all(clause.stems & other.heads for other in theirs):
        return True
    share = max(_share(clause, other, source) for other in theirs)
    beside = answer.sentences[max(0, sentence.place - 1) : sentence.place + 2]
    return (
        share >= SAME
        and _words_in_common(clause, theirs, source) >= FEWEST
        and not any(
            _denies(one, clause) and (one is sentence or len(one.said & stems) >= FEWEST or len(one.stems) < FEWEST)
            for one in beside
        )
    )


def _share(clause: Clause, other: Clause, source: Reading) -> float:
    """The share of the clause's stems in the sentence of the other."""
    return len(clause.stems & source.sentences[other.place].said) / len(clause.stems)


def _words_in_common(clause: Clause, theirs: list[Clause], source: Reading) -> int:
    return max(
        sum(not stem.isdigit() for stem in clause.stems & source.sentences[other.place].said) for other in theirs
    )


def _denies(sentence: Sentence, clause: Clause) -> bool:
    """Whether something in the sentence denies or can, and is not in the clause as well."""
    return any(one.negations or one.soft - clause.soft for one in sentence.clauses)
