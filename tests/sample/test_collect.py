"""Which documents are collected, in which order, and what remains of them above the limit."""

from __future__ import annotations

import gc
from pathlib import Path

from datasketch import MinHash

from curator.sample import SampleDocument, SearchPaths, collect_documents


def collected(paths: SearchPaths, limit_bytes: int = 30_000_000) -> list[SampleDocument]:
    return list(collect_documents(limit_bytes, paths))


def jaccard(left: str, right: str) -> float:
    sketches = [MinHash(num_perm=128, seed=1), MinHash(num_perm=128, seed=1)]
    for sketch, text in zip(sketches, (left, right), strict=True):
        sketch.update_batch([word.encode() for word in text.split()])
    return float(sketches[0].jaccard(sketches[1]))


def test_every_kind_is_found_with_title_package_and_version(paths: SearchPaths) -> None:
    found = {
        (document.kind, document.title, document.package, document.version)
        for document in collected(paths)
        if document.package != "python"
    }
    assert found == {
        ("description", "coffee-pot 2.1", "coffee-pot", "2.1"),
        ("licence", "coffee-pot 2.1 COPYING", "coffee-pot", "2.1"),
        ("description", "teapot 1.0", "teapot", "1.0"),
        ("licence", "teapot 1.0 LICENSE", "teapot", "1.0"),
        ("document", "teapot 1.0 README.md", "teapot", "1.0"),
        ("docstring", "teapot.kettle", "teapot", "1.0"),
        ("docstring", "teapot.kettle.Kettle", "teapot", "1.0"),
        ("module", "teapot.kettle.Kettle", "teapot", "1.0"),
        ("docstring", "teapot.kettle.tea", "teapot", "1.0"),
    }


def test_the_library_gives_docstrings_and_help_topics(paths: SearchPaths) -> None:
    kinds = [document.kind for document in collected(paths) if document.package == "python"]
    assert sorted(set(kinds)) == ["docstring", "module", "topic"]
    assert kinds.count("topic") == 2


def test_documents_come_by_package_and_path_and_their_urls_are_unique(paths: SearchPaths) -> None:
    documents = collected(paths)
    files = [(document.package, document.url.split("#")[0]) for document in documents]
    assert files == sorted(files)
    assert len({document.url for document in documents}) == len(documents)


def test_definitions_of_one_name_have_urls_of_their_own(paths: SearchPaths) -> None:
    docstring = f'    """{"A long explanation of one of two. " * 8}"""\n'
    Path(paths.library, "twice.py").write_text(f"if x:\n  def f():\n{docstring}else:\n  def f():\n{docstring}")
    urls = [document.url.split("/")[-1] for document in collected(paths) if "twice" in document.url]
    assert urls == ["twice.py#f", "twice.py#f%405"]


def test_near_duplicates_stay(paths: SearchPaths) -> None:
    first, second = (document.text for document in collected(paths) if document.kind == "licence")
    assert first != second
    assert jaccard(first, second) > 0.5
    texts = [document.text for document in collected(paths)]
    assert len(set(texts)) < len(texts)


def test_files_that_are_not_text_or_do_not_parse_are_passed_over(paths: SearchPaths) -> None:
    before = collected(paths)
    Path(paths.library, "latin.py").write_bytes(b'"""' + b"caf\xe9 " * 100 + b'"""')
    Path(paths.library, "torn.py").write_text('def f(:\n    """' + "words " * 100 + '"""')
    Path(paths.library, "LICENSE").write_bytes(b"\xff" * 500)
    Path(paths.library, "README.md").symlink_to("nowhere")
    assert collected(paths) == before


def test_a_docstring_with_half_a_character_can_be_written(paths: SearchPaths) -> None:
    Path(paths.library, "half.py").write_text('"""' + "words \\ud800 " * 30 + '"""')
    (document,) = (document for document in collected(paths) if "half.py" in document.url)
    assert document.text.encode().decode() == document.text


def test_the_limit_leaves_an_even_part_of_whole_documents(paths: SearchPaths) -> None:
    everything = collected(paths)
    size = sum(len(document.text.encode()) for document in everything)
    part = collected(paths, size // 2)
    assert sum(len(document.text.encode()) for document in part) <= size // 2
    assert [document for document in everything if document in part] == part
    assert len({document.package for document in part}) > 1
    assert collected(paths, size) == everything
    assert collected(paths, 0) == []


def test_the_garbage_collector_runs_on_afterwards(paths: SearchPaths) -> None:
    collected(paths, 500)
    assert gc.isenabled()


def test_this_environment_gives_thousands_of_documents_of_many_packages() -> None:
    documents = list(collect_documents(limit_bytes=12_000_000))
    assert len(documents) >= 5_000
    assert {"description", "licence", "docstring", "module"} <= {document.kind for document in documents}
    assert len({document.package for document in documents}) > 20
