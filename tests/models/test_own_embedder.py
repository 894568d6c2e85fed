"""An embedder of the user's own: what it is given, and what happens to what it returns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.config.embedding import Embedding
from curator.errors import ConfigError
from curator.models.embedder import embedding_width, load_embedder
from curator.models.own_embedder import check_own_embedder
from curator.steps.embed import settings_of
from curator.text.own_statistics import load_function

MODULE = """
import numpy as np
import pyarrow as pa

class Lengths:
    def __init__(self, scale=1):
        self.scale = scale

    def encode(self, texts):
        assert isinstance(texts, pa.Array)
        return np.array([[self.scale * len(text), 0, 0] for text in texts.to_pylist()], np.float16).reshape(-1, 3)

class Wrong:
    def __init__(self, kind):
        self.kind = kind

    def encode(self, texts):
        rows = np.ones((len(texts), 3))
        return {"narrow": rows[:, :2], "few": rows[1:], "words": rows.astype(str), "nan": rows * np.nan, "none": None}[self.kind]

class NoMethod:
    pass

def encode(texts):
    return texts
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_embedder.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "my_embedder.py"
    sys.modules.pop("my_embedder", None)
    load_function.cache_clear()


def own(name: str, dimensions: int = 3, **settings: object) -> Embedding:
    given = {"class": f"my_embedder:{name}", "dimensions": dimensions, "settings": settings}
    return Embedding.model_validate({"own": given})


def test_its_rows_are_scaled_to_length_one_and_zeros_stay() -> None:
    rows = load_embedder(own("Lengths", scale=-2)).encode(pa.array(["abc", "", "x"]))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[-1, 0, 0], [0, 0, 0], [-1, 0, 0]]


def test_no_texts_give_no_rows() -> None:
    assert load_embedder(own("Lengths")).encode(pa.array([], pa.string())).shape == (0, 3)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("narrow", r"numbers of shape \(2, 3\).* float64 of shape \(2, 2\)"),
        ("few", r"of shape \(1, 3\)"),
        ("words", "returned <U"),
        ("none", "object of shape"),
        ("nan", "not finite"),
    ],
)
def test_anything_but_a_row_of_numbers_for_each_text_is_an_error(kind: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_embedder(own("Wrong", kind=kind)).encode(pa.array(["a", "b"]))


@pytest.mark.parametrize("name", ["NoMethod", "encode", "Nowhere"])
def test_what_is_not_a_class_with_encode_is_found_out_before_the_run(name: str) -> None:
    embedding = own(name)
    assert embedding.own is not None
    with pytest.raises(ConfigError, match=f"my_embedder:{name}|no function {name}"):
        check_own_embedder(embedding.own)


def test_its_width_is_what_the_configuration_says() -> None:
    assert embedding_width(own("Lengths", dimensions=7)) == 7


def test_an_edited_class_and_other_settings_are_computed_again(module: Path) -> None:
    first = settings_of(own("Lengths"))
    assert settings_of(own("Lengths")) == first
    assert settings_of(own("Lengths", scale=2)) != first
    assert settings_of(own("Wrong")) != first
    module.write_text(MODULE + "\n# edited\n")
    sys.modules.pop("my_embedder")
    load_function.cache_clear()
    import linecache

    linecache.clearcache()
    assert settings_of(own("Lengths")) != first
