from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.models.batches import length_batches, longest_first

LENGTHS = st.lists(st.integers(0, 60)).map(lambda lengths: np.array(lengths, np.int64))


@given(LENGTHS)
def test_texts_with_tokens_come_once_from_the_longest_to_the_shortest(lengths: np.ndarray) -> None:
    order = longest_first(lengths).tolist()
    assert order == sorted(
        (index for index in range(len(lengths)) if lengths[index]), key=lambda index: -lengths[index]
    )


@given(LENGTHS, st.integers(1, 200))
def test_batches_cut_them_all_and_stay_within_the_budget(lengths: np.ndarray, budget: int) -> None:
    descending = lengths[longest_first(lengths)]
    batches = [descending[batch].tolist() for batch in length_batches(descending, budget)]
    assert [length for batch in batches for length in batch] == descending.tolist()
    assert all(batch and (len(batch) == 1 or len(batch) * batch[0] <= budget) for batch in batches)


@given(LENGTHS, st.integers(1, 200))
def test_no_batch_has_room_for_the_first_text_of_the_next(lengths: np.ndarray, budget: int) -> None:
    descending = lengths[longest_first(lengths)]
    cuts = list(length_batches(descending, budget))
    for batch in cuts[:-1]:
        assert (batch.stop - batch.start + 1) * descending[batch.start] > budget
