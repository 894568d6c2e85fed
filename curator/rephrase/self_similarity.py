"""How much texts of a sample say in the same words as others of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

WORDS = 4
_SEVERAL = -1


def self_similarity(texts: Sequence[Sequence[str]], groups: Sequence[Hashable]) -> float:
    """The mean, over texts, of the share of their different runs of four words that a text of another group has too: 0 to 1.

    `texts` are words, `groups` say what each is made of: two texts of one source may be alike. Texts without such a run do not
    count. In the manner of Self-BLEU (Zhu et al. 2018, arXiv 1802.01886), of which it is the precision of four words.
    """
    assert len(texts) == len(groups)
    numbers: dict[Hashable, int] = {}
    owners: dict[tuple[str, ...], int] = {}
    runs = [set(zip(*(words[place:] for place in range(WORDS)), strict=False)) for words in texts]
    for found, group in zip(runs, groups, strict=True):
        number = numbers.setdefault(group, len(numbers))
        for run in found:
            if owners.setdefault(run, number) != number:
                owners[run] = _SEVERAL
    shares = [sum(owners[run] == _SEVERAL for run in found) / len(found) for found in runs if found]
    return sum(shares) / len(shares) if shares else 0.0
