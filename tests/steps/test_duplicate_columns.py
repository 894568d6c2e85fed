"""A curated document knows its group, the group's size, and what that is worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.duplicates import Duplicates
from curator.steps.duplicate_columns import duplicate_columns, settings_of
from curator.store.files import Folder
from curator.store.step_folder import StepFolder

DOCUMENTS = np.array([2, 4, 6, 8], dtype=np.uint64)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, StepFolder]:
    """4 stands for 3 exact copies and leads a group of 5 with 6; 8 stands for 10 exact copies and is like no other."""
    exact, near = (StepFolder(Folder(str(tmp_path)) / name) for name in ("exact", "near"))
    exact.write("groups", 0, pa.table({"doc_id": pa.array([4, 8], pa.uint64()), "size": pa.array([3, 10], pa.int64())}))
    groups = {"doc_id": [4, 6, 7], "group": [4, 4, 4], "size": [5, 5, 5]}
    near.write("groups", 0, pa.table({name: pa.array(values, pa.uint64()) for name, values in groups.items()}))
    return {"exact": exact, "near": near}


def columns(inputs: dict[str, StepFolder], shard: int = 0, **settings: object) -> dict[str, list[object]]:
    found = duplicate_columns(shard, DOCUMENTS, inputs, Duplicates.model_validate(settings))
    return {name: column.to_pylist() for name, column in found.items()}


def test_a_document_names_its_group_and_a_lone_one_itself(inputs: dict[str, StepFolder]) -> None:
    found = columns(inputs)
    assert found["duplicate_group"] == [2, 4, 4, 8]
    assert found["duplicates"] == [1, 5, 5, 10]
    assert found["weight"] == [1.0] * 4
    assert found["copies"] == [1] * 4


def test_the_types_are_the_contract(inputs: dict[str, StepFolder]) -> None:
    for shard in (0, 1):
        found = duplicate_columns(shard, DOCUMENTS, inputs, Duplicates())
        types = {name: str(column.type) for name, column in found.items()}
        assert types == {"duplicate_group": "uint64", "duplicates": "int64", "weight": "float", "copies": "int32"}


def test_a_shard_without_groups_has_no_file_and_lone_documents_only(inputs: dict[str, StepFolder]) -> None:
    alone = {"duplicate_group": [2, 4, 6, 8], "duplicates": [1] * 4, "weight": [1.0] * 4, "copies": [1] * 4}
    assert columns(inputs, shard=1, rehydrate=((2, 2),)) == alone
    assert columns(inputs, shard=1, soft_exponent=1.0) == alone


def test_copies_follow_from_the_size_of_the_group(inputs: dict[str, StepFolder]) -> None:
    assert columns(inputs, rehydrate=((5, 2), (10, 7)))["copies"] == [1, 2, 2, 7]


def test_a_soft_weight_counts_the_exact_copies_that_a_document_stands_for(inputs: dict[str, StepFolder]) -> None:
    assert columns(inputs, soft_exponent=1.0)["weight"] == pytest.approx([1.0, 3 / 5, 1 / 5, 1.0])


def test_a_shard_of_which_nothing_is_left_has_empty_columns(inputs: dict[str, StepFolder]) -> None:
    found = duplicate_columns(0, DOCUMENTS[:0], inputs, Duplicates())
    assert {len(column) for column in found.values()} == {0}


def test_only_what_decides_these_columns_is_in_the_settings() -> None:
    chosen = settings_of(Duplicates(rehydrate=((2, 2),), source_alarm=0.9, keep=("length",)))
    assert chosen == {"rehydrate": ((2, 2),), "soft_exponent": None}
