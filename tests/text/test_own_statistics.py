"""Users' filters: found by name, called on tables, one number a document, an odd document costs itself alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.errors import ConfigError
from curator.text.own_statistics import GIVEN, own_statistics, source_digest

MODULE = """
import numpy as np
import pyarrow.compute as pc

def characters(documents):
    return pc.utf8_length(documents["text"])

def places(documents):
    return np.arange(documents.num_rows)

def no_odd_text(documents):
    if "odd" in documents["text"].to_pylist():
        raise ValueError("an odd text")
    return characters(documents)

def one_number(documents):
    return 1

def words(documents):
    return documents["text"]

def of_german(documents):
    return pc.equal(documents["language"], "de").to_numpy()

limit = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"filters_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name


def documents(*texts: str) -> pa.Table:
    columns = {name: pa.nulls(len(texts), pa.string()) for name in GIVEN}
    return pa.table({**columns, "text": pa.array(texts, pa.large_string()), "language": ["de"] * len(texts)})


def test_a_function_from_the_working_folder_gives_one_column(module: str) -> None:
    table, errors = own_statistics(documents("ab", "abc"), {"size": f"{module}:characters"})
    assert table.column_names == ["own.size"]
    assert table["own.size"].type == pa.float64()
    assert table["own.size"].to_pylist() == [2.0, 3.0]
    assert errors == [None, None]


def test_numpy_results_and_booleans_are_numbers_too(module: str) -> None:
    functions = {"place": f"{module}:places", "german": f"{module}:of_german"}
    table, _ = own_statistics(documents("a", "b"), functions)
    assert table["own.place"].to_pylist() == [0.0, 1.0]
    assert table["own.german"].to_pylist() == [1.0, 1.0]


def test_a_document_for_which_the_function_raises_costs_itself_alone(module: str) -> None:
    texts = [f"text {place}" for place in range(100)]
    texts[37] = texts[90] = "odd"
    table, errors = own_statistics(documents(*texts), {"size": f"{module}:no_odd_text"})
    values = table["own.size"].to_pylist()
    assert [place for place, value in enumerate(values) if value is None] == [37, 90]
    assert [place for place, error in enumerate(errors) if error] == [37, 90]
    assert errors[37] == f"{module}:no_odd_text: ValueError: an odd text"
    assert np.array_equal(values[:37], [len(text) for text in texts[:37]])


def test_a_shard_without_documents_is_no_error(module: str) -> None:
    table, errors = own_statistics(documents(), {"size": f"{module}:no_odd_text"})
    assert (table.num_rows, errors) == (0, [])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("no_such_module_anywhere:f", "cannot be imported"),
        ("{module}:no_such", "has no function no_such"),
        ("{module}:limit", "has no function limit"),
        ("{module}:one_number", "must return one number for each of the 2 documents"),
        ("{module}:words", "must return one number for each of the 2 documents"),
    ],
)
def test_what_is_no_filter_is_named_in_one_sentence(module: str, function: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        own_statistics(documents("a", "b"), {"mine": function.format(module=module)})


def test_the_digest_follows_the_source(module: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}_more.py").write_text(MODULE + "\nmore = 1\n")
    assert source_digest(f"{module}:places") == source_digest(f"{module}:characters")
    assert source_digest(f"{module}_more:places") != source_digest(f"{module}:places")
