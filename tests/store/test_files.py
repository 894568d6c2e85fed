"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from curator.errors import StoreError
from curator.store.files import Folder


def test_a_put_file_is_read_back(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path)) / "a"
    folder.put("b/c.bin", b"content")
    assert folder.get("b/c.bin") == b"content"
    assert folder.get("b/none.bin") is None


def test_a_second_put_replaces_the_first_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.put("x", b"1")
    folder.put("x", b"22")
    assert folder.get("x") == b"22"
    assert os.listdir(tmp_path) == ["x"]


def test_a_failed_put_leaves_the_old_file_and_no_attempt(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "inside").touch()
    with pytest.raises(StoreError, match=r"cannot write .*/x"):
        folder.put("x", b"a file cannot replace a folder that holds files")
    assert os.listdir(tmp_path) == ["x"]


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    from curator.store import files

    with pytest.raises(OSError, match="No space left"):
        files.write_whole("/dev/full", b"x" * 10_000)


def test_names_lists_files_and_folders_apart(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path))
    folder.put("b.parquet", b"")
    folder.put("a.parquet", b"")
    folder.put("deep/c.parquet", b"")
    assert folder.names(".parquet") == ["a.parquet", "b.parquet"]
    assert folder.folders() == ["deep"]
    assert (folder / "nowhere").names() == []


def test_a_copy_on_a_local_disk_takes_no_space(tmp_path: Path) -> None:
    folder, target = Folder(str(tmp_path)) / "a", Folder(str(tmp_path)) / "b"
    folder.put("x", b"content")
    folder.copy_to("x", target)
    folder.copy_to("x", target)
    assert target.get("x") == b"content"
    assert os.path.samefile(tmp_path / "a" / "x", tmp_path / "b" / "x")


def test_the_query_of_a_uri_stays_behind_the_path() -> None:
    folder = Folder("s3://bucket/out?endpoint_override=localhost:1&scheme=http")
    assert (folder / "steps").uri == "s3://bucket/out/steps?endpoint_override=localhost:1&scheme=http"
