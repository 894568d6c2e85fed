"""Held-out sets by name, and what is said of one that is empty."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from curator.config.evaluation import HeldOut
from curator.errors import InputError
from curator.evaluation.heldout import read_heldout


def write(path: Path, *texts: str | None) -> HeldOut:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return HeldOut(path=str(path))


def test_sets_keep_their_names_and_order_and_have_every_text_once(tmp_path: Path) -> None:
    sets = {"web": write(tmp_path / "w.jsonl", "one", None, ""), "prose": write(tmp_path / "p.jsonl", "two", "three")}
    found = read_heldout(sets, seed=0, most_bytes=1_000)
    assert list(found) == ["web", "prose"]
    assert all(texts.type == pa.large_string() for texts in found.values())
    assert found["web"].to_pylist() == ["one"]
    assert sorted(found["prose"].to_pylist()) == ["three", "two"]


def test_a_large_set_is_sampled_down_to_the_bytes_given(tmp_path: Path) -> None:
    sets = {"prose": write(tmp_path / "p.jsonl", *(f"{number:010d}" for number in range(500)))}
    found = read_heldout(sets, seed=0, most_bytes=1_005)["prose"].to_pylist()
    assert len(set(found)) == 100
    assert found == read_heldout(sets, seed=0, most_bytes=1_005)["prose"].to_pylist()
    assert found != read_heldout(sets, seed=1, most_bytes=1_005)["prose"].to_pylist()


def test_one_long_text_is_cut(tmp_path: Path) -> None:
    sets = {"prose": write(tmp_path / "p.jsonl", "a long text")}
    assert read_heldout(sets, seed=0, most_bytes=6)["prose"].to_pylist() == ["a long"]


def test_a_set_without_text_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"heldout\.code\.path: .*c\.jsonl has no document"):
        read_heldout({"code": write(tmp_path / "c.jsonl", "", None)}, seed=0, most_bytes=100)
    with pytest.raises(InputError, match=r"heldout\.code\.path: no input file matches"):
        read_heldout({"code": HeldOut(path=str(tmp_path / "none.jsonl"))}, seed=0, most_bytes=100)
