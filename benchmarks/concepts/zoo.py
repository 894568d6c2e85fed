"""A zoo of planted concepts: how varied each is is known by construction, and how many documents it has does not depend on that.

A document is four sentences of twelve words, in one of the frames of its species. Slots of the frame are filled from a list of the
species' own words, by Zipf's law; the other words stand in the frame, some of them common to all species. Elephants have one frame
with two slots and four words to fill them; dogs, at the other end, fifty frames with forty slots and six hundred words. The same
seed gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WORDS = 48  # of a document, in sentences of 12
SLOTS = (2, 40)
CHOICES = (4, 600)
FRAMES = (1, 50)
COMMON = 200  # words that all species use
COMMON_SHARE = 0.3
_ONSETS, _VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True, kw_only=True)
class Species:
    """One planted concept. `variety` is the entropy of its documents in bits."""

    slots: int
    choices: int
    frames: int
    documents: int

    @property
    def variety(self) -> float:
        share = zipf(self.choices)
        return float(np.log2(self.frames) - self.slots * (share @ np.log2(share)))


@dataclass(frozen=True, kw_only=True)
class Zoo:
    """Documents in random order, and what nobody tells the system: the species (n,) of each."""

    species: tuple[Species, ...]
    texts: list[str]
    label: npt.NDArray[np.int64]

    @property
    def variety(self) -> npt.NDArray[np.float64]:
        return np.array([one.variety for one in self.species])

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        return np.array([one.documents for one in self.species])


def make_zoo(*, seed: int, species: int = 24, smallest: int = 100, largest: int = 2_000) -> Zoo:
    """Species in order of variety; sizes are a geometric series, dealt so that their rank correlation with it is about 0."""
    choice = np.random.default_rng(seed)
    sizes = np.geomspace(smallest, largest, species).round().astype(int)[uncorrelated(species, choice)]
    words = iter(choice.permutation(_all_words()))
    common = [str(next(words)) for _ in range(COMMON)]
    kinds = tuple(_species(place / (species - 1), int(size)) for place, size in enumerate(sizes))
    texts, label = [], []
    for number, kind in enumerate(kinds):
        own = [str(next(words)) for _ in range(kind.choices + WORDS)]
        texts += _documents(kind, own, common, choice)
        label += [number] * kind.documents
    order = choice.permutation(len(texts))
    return Zoo(species=kinds, texts=[texts[place] for place in order], label=np.array(label)[order])


def uncorrelated(count: int, choice: np.random.Generator) -> npt.NDArray[np.int64]:
    """The permutation of least rank correlation with 0..count-1 among a thousand."""
    found = [choice.permutation(count) for _ in range(1_000)]
    return found[int(np.argmin([abs(np.corrcoef(np.arange(count), one)[0, 1]) for one in found]))]


def zipf(count: int) -> npt.NDArray[np.float64]:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def _species(step: float, documents: int) -> Species:
    """`step` 0 is an elephant, 1 a dog."""

    def between(ends: tuple[int, int]) -> int:
        return round(float(ends[0] * (ends[1] / ends[0]) ** step))

    return Species(slots=between(SLOTS), choices=between(CHOICES), frames=between(FRAMES), documents=documents)


def _documents(kind: Species, own: list[str], common: list[str], choice: np.random.Generator) -> list[str]:
    """The first words of `own` fill slots, the others stand in the frames."""
    shared = np.where(
        choice.random((kind.frames, WORDS)) < COMMON_SHARE, choice.integers(COMMON, size=(kind.frames, WORDS)), -1
    )
    fixed = choice.integers(kind.choices, len(own), size=(kind.frames, WORDS))
    slots = np.array([choice.permutation(WORDS)[: kind.slots] for _ in range(kind.frames)])
    frame = choice.integers(kind.frames, size=kind.documents)
    filled = choice.choice(kind.choices, size=(kind.documents, kind.slots), p=zipf(kind.choices))
    rows = np.where(shared >= 0, shared + len(own), fixed)[frame]
    np.put_along_axis(rows, slots[frame], filled, axis=1)
    every = [*own, *common]
    return [_text([every[word] for word in row]) for row in rows]


def _text(words: list[str]) -> str:
    sentences = [words[start : start + 12] for start in range(0, WORDS, 12)]
    return " ".join(" ".join(sentence).capitalize() + "." for sentence in sentences)


def _all_words() -> list[str]:
    syllables = [onset + vowel for onset in _ONSETS for vowel in _VOWELS]
    return [first + second + third for first in syllables for second in syllables for third in syllables[::7]]
