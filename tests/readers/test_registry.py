"""Units keep their numbers from night to night."""

from __future__ import annotations

from pathlib import Path

from curator.readers.listing import list_input
from curator.readers.registry import load_registry, save_registry
from curator.store.files import Folder


def registry(output: Path, inputs: Path):
    files = list_input(str(inputs), source=None, format=None)
    loaded = load_registry(Folder(str(output)), files, unit_bytes=10)
    save_registry(Folder(str(output)), loaded)
    return loaded


def names(loaded) -> dict[int, str]:
    return {number: Path(unit.pieces[0].file.path).name for number, unit in loaded.active_units.items()}


def test_a_new_file_gets_a_new_number_and_the_old_keep_theirs(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "b.jsonl").write_text('{"text": 1}\n')
    assert names(registry(tmp_path, inputs)) == {0: "b.jsonl", 1: "b.jsonl"}
    (inputs / "a.jsonl").write_text('{"x": 1}\n')
    assert names(registry(tmp_path, inputs)) == {0: "b.jsonl", 1: "b.jsonl", 2: "a.jsonl"}


def test_a_changed_file_is_a_new_unit_and_the_old_one_is_retired(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    (inputs / "a.jsonl").write_text("{}\n")
    (inputs / "b.jsonl").write_text('{"text": "abc"}\n')
    before = registry(tmp_path, inputs)
    (inputs / "a.jsonl").write_text("{}\n{}\n")
    after = registry(tmp_path, inputs)
    changed = [number for number, name in names(after).items() if name == "a.jsonl"]
    assert min(changed) >= len(before.units)
    assert {number for number, name in names(after).items() if name == "b.jsonl"} == {
        number for number, name in names(before).items() if name == "b.jsonl"
    }


def test_a_file_that_is_gone_is_retired(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    for name in ("a", "b"):
        (inputs / f"{name}.jsonl").write_text('{"text": 1}\n')
    registry(tmp_path, inputs)
    (inputs / "a.jsonl").unlink()
    assert set(names(registry(tmp_path, inputs)).values()) == {"b.jsonl"}


def test_looking_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    load_registry(Folder(str(tmp_path / "out")), list_input(str(tmp_path), source=None, format=None), unit_bytes=10)
    assert not (tmp_path / "out").exists()
