"""An id follows from the place of a document and nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curator.store.ids import MAX_ROWS, PART_BITS, UNIT_BITS, document_ids, shard_name, shard_number, shard_of

units = st.integers(0, (1 << UNIT_BITS) - 1)
parts = st.integers(0, (1 << PART_BITS) - 1)


@given(units, parts, st.integers(1, 1000))
def test_the_shard_of_an_id_is_the_shard_it_was_made_for(unit: int, part: int, rows: int) -> None:
    shard = shard_number(unit, part)
    assert set(shard_of(document_ids(shard, rows)).tolist()) == {shard}


@given(units, parts, units, parts)
def test_different_shards_have_different_names_in_the_same_order(unit: int, part: int, unit2: int, part2: int) -> None:
    first, second = shard_number(unit, part), shard_number(unit2, part2)
    assert (first < second) == (shard_name(first) < shard_name(second))


def test_the_last_row_of_the_last_shard_fits_64_bits() -> None:
    last = shard_number((1 << UNIT_BITS) - 1, (1 << PART_BITS) - 1)
    assert int(document_ids(last, 1)[0]) + 2 * MAX_ROWS - 1 == np.iinfo(np.uint64).max
