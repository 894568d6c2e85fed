"""A uniform sample: the copies with the smallest numbers, whatever the batches, against all copies in one list."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.evaluation.sample import PLACED, uniform_sample
from curator.steps.samples import mixed

Document = tuple[str, int]


def table(documents: list[Document], first: int = 0) -> pa.Table:
    text, copies = zip(*documents, strict=True) if documents else ((), ())
    place = mixed(np.arange(first, first + len(documents), dtype=np.uint64), 7)
    return pa.table([pa.array(text, pa.large_string()), pa.array(copies, pa.int64()), pa.array(place)], schema=PLACED)


def expected(documents: list[Document], most_bytes: int) -> list[Document]:
    """The numbers of all copies in one list, taken from the smallest on while they fit."""
    places = table(documents)["place"].to_numpy()
    numbered = sorted(
        (int(mixed(places[row : row + 1] + np.uint64(copy), 0)[0]), row)
        for row, (_, copies) in enumerate(documents)
        for copy in range(copies)
    )
    taken: Counter[int] = Counter()
    size = 0
    for _, row in numbered:
        size += len(documents[row][0].encode())
        if size > most_bytes:
            break
        taken[row] += 1
    if not taken and numbered:
        row = numbered[0][1]
        return [(documents[row][0].encode()[:most_bytes].decode(errors="ignore"), 1)]
    return [(documents[row][0], taken[row]) for row in sorted(taken, key=lambda row: int(places[row]))]


def rows(sample: pa.Table) -> list[Document]:
    return list(zip(sample["text"].to_pylist(), sample["copies"].to_pylist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=8), st.integers(0, 4)), max_size=25),
    st.integers(1, 120),
    st.integers(1, 8),
)
def test_the_copies_of_smallest_numbers_stay_whatever_the_batches(
    documents: list[Document], most: int, step: int
) -> None:
    parts = [table(documents[first : first + step], first) for first in range(0, len(documents), step)]
    assert rows(uniform_sample(parts, most_bytes=most)) == expected(documents, most)


def test_what_fits_stays_whole_with_all_its_copies() -> None:
    documents = [(f"text {number}", number % 3 + 1) for number in range(100)]
    assert sorted(rows(uniform_sample([table(documents)], most_bytes=10_000))) == sorted(documents)


def test_every_document_has_the_same_chance_long_ones_too() -> None:
    documents = [("x" * (1 + 9 * (number % 2)), 1) for number in range(20_000)]
    sample = uniform_sample([table(documents)], most_bytes=55_000)
    long_share = np.mean([len(text) == 10 for text, _ in rows(sample)])
    assert abs(sample.num_rows - 10_000) < 300
    assert abs(float(long_share) - 0.5) < 0.02


def test_copies_are_drawn_one_by_one() -> None:
    sample = uniform_sample([table([("ten bytes!", 3)] * 4_000)], most_bytes=60_000)
    copies = Counter(count for _, count in rows(sample))
    assert sum(count * times for count, times in copies.items()) == 6_000
    assert all(abs(copies[count] - 4_000 * share) < 150 for count, share in ((1, 3 / 8), (2, 3 / 8), (3, 1 / 8)))


def test_a_text_above_the_bound_is_cut_between_characters() -> None:
    assert rows(uniform_sample([table([("äöü", 2)])], most_bytes=3)) == [("ä", 1)]


def test_nothing_gives_nothing() -> None:
    assert uniform_sample([], most_bytes=10).num_rows == 0
    assert uniform_sample([table([])], most_bytes=10).num_rows == 0


def test_an_ordered_sample_has_the_same_documents_as_they_came() -> None:
    documents = [(f"text {number:03}", 1 + number % 2) for number in range(200)]
    parts = [table(documents[first : first + 7], first) for first in range(0, 200, 7)]
    shuffled, ordered = (rows(uniform_sample(parts, most_bytes=900, ordered=ordered)) for ordered in (False, True))
    assert ordered == sorted(shuffled)
    assert shuffled != ordered
