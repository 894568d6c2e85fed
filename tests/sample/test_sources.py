"""Which files may hold documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.sample.sources import SearchPaths, find_sources, installed, kind_of, this_python


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("scipy/stats/_stats_py.py", "python"),
        ("pydoc_data/topics.py", "topics"),
        ("scipy-1.17.dist-info/METADATA", "description"),
        ("setuptools/_vendor/wheel-0.45.dist-info/METADATA", "description"),
        ("scipy-1.17.dist-info/licenses/LICENSE", "licence"),
        ("a/LICENSE-APACHE", "licence"),
        ("a/LICENCE.md", "licence"),
        ("a/dragon4_LICENSE.txt", "licence"),
        ("a/README.md", "document"),
        ("a/CHANGES.txt", "document"),
        ("idlelib/NEWS2x.txt", "document"),
        ("a/licenses.py", "python"),
        ("a/licenses.json", None),
        ("a/data.txt", None),
        ("a/tests/test_b.py", None),
        ("a/__pycache__/b.cpython-311.pyc", None),
        ("../../../bin/run.py", None),
        ("/usr/share/run.py", None),
        ("a-1.0.dist-info/top_level.txt", None),
    ],
)
def test_a_path_says_what_a_file_may_hold(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_urls_name_the_package_the_version_and_the_path(paths: SearchPaths) -> None:
    urls = {source.url.split("://")[0]: source.url for source in find_sources(paths) if source.kind == "python"}
    assert urls["pypi"] == "pypi://teapot/1.0/teapot/kettle.py"
    assert urls["python"].endswith("/kitchen.py")


def test_the_first_folder_decides_which_version_is_installed(paths: SearchPaths, tmp_path: Path) -> None:
    for version in ("9.0", "8.0"):
        folder = tmp_path / "more" / f"teapot-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: TeaPot\nVersion: {version}\n")
    both = SearchPaths((*paths.packages, str(tmp_path / "more")), paths.library)
    turned = SearchPaths(tuple(reversed(both.packages)), paths.library)
    assert installed(both)["teapot"].version == "1.0"
    assert installed(turned)["teapot"].version == "8.0"


def test_broken_distributions_are_passed_over(paths: SearchPaths) -> None:
    folder = Path(paths.packages[0])
    before = list(find_sources(paths))
    contents = {
        "empty": {},
        "nameless": {"METADATA": b"Version: 1.0\n"},
        "binary": {"METADATA": b"\xff\xfe\x00"},
        "listless": {"METADATA": b"Name: listless\nVersion: 1.0\n"},
        "torn": {"METADATA": b"Name: torn\nVersion: 1.0\n", "RECORD": b"torn.py,sha256=x,many,commas,here\n"},
    }
    for name, files in contents.items():
        (folder / f"{name}-1.0.dist-info").mkdir()
        for file, content in files.items():
            (folder / f"{name}-1.0.dist-info" / file).write_bytes(content)
    assert list(find_sources(paths)) == before


def test_the_working_folder_is_no_place_to_look() -> None:
    assert all(Path(path).name in ("site-packages", "dist-packages") for path in this_python().packages)
    assert Path(this_python().library, "os.py").exists()
