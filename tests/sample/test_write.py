"""The files of a sample: reproducible, readable, whole, and made once."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from pyarrow import CompressedInputStream
from resiliparse.extract.html2text import extract_plain_text

from curator.errors import InputError
from curator.sample import SampleDocument, SearchPaths, collect_documents, write_sample
from curator.sample.warc import document_id, warc_file
from curator.sample.write import split

COLUMNS = ["id", "url", "text", "title", "package", "version"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_two_runs_write_the_same_bytes(paths: SearchPaths, tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_sample(str(tmp_path / name), paths=paths)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert [name.split("-")[0] for name in contents(tmp_path / "first")] == (
        ["docstrings"] * 2 + ["heldout"] * 3 + ["modules"] * 2 + ["sample.json"] + ["web"] * 2
    )


def test_every_document_is_in_one_file_and_the_report_counts_them(paths: SearchPaths, tmp_path: Path) -> None:
    report = write_sample(str(tmp_path / "out"), paths=paths)
    urls: list[str] = []
    for path in (tmp_path / "out").glob("web-*"):
        urls += [
            record.headers["WARC-Target-URI"] for record in ArchiveIterator(path.open("rb"), WarcRecordType.response)
        ]
    for path in (tmp_path / "out").glob("docstrings-*"):
        lines = CompressedInputStream(str(path), "zstd").read().splitlines()
        assert all(list(json.loads(line)) == COLUMNS for line in lines)
        urls += [json.loads(line)["url"] for line in lines]
    for path in (tmp_path / "out").glob("modules-*"):
        assert pq.read_table(path).column_names == COLUMNS
        urls += pq.read_table(path)["url"].to_pylist()
    expected = list(collect_documents(paths=paths))
    assert sorted(urls) == sorted(document.url for document in expected)
    assert report.documents == len(expected) == sum(kind.documents for kind in report.kinds)
    assert report.text_bytes == sum(len(document.text.encode()) for document in expected)
    assert {file.name: file.file_bytes for file in report.files} == {
        name: len(content) for name, content in contents(tmp_path / "out").items() if name != "sample.json"
    }


def test_pages_are_read_back_by_a_warc_reader_and_an_extractor() -> None:
    text = 'A first paragraph with <b>marks</b> & "quotes".\n\nA second paragraph,\nof two lines.'
    document = SampleDocument(text, "pypi://a/1/LICENSE", "licence", "a <1> LICENSE", "a", "1")
    records = ArchiveIterator(io.BytesIO(warc_file("web-0000.warc.gz", [document])))
    information = next(records)
    assert (information.record_type, information.headers["WARC-Filename"]) == (
        WarcRecordType.warcinfo,
        "web-0000.warc.gz",
    )
    response = next(records)
    assert response.headers["WARC-Record-ID"] == f"<urn:uuid:{document_id(document.url)}>"
    assert (response.http_headers.status_code, response.http_charset) == (200, "utf-8")
    page = response.reader.read()
    assert len(page) == int(response.http_headers["Content-Length"])
    assert extract_plain_text(page.decode(), main_content=True) == (
        'a <1> LICENSE\n\nA first paragraph with <b>marks</b> & "quotes".\n\nA second paragraph, of two lines.'
    )
    assert next(records, None) is None


def test_parts_are_runs_of_neighbours_of_about_equal_size() -> None:
    sizes = [5, 100, 1, 1, 300, 40, 40, 8, 700, 2]
    documents = [SampleDocument("x" * size, f"pypi://{size}", "licence", "", "a", "1") for size in sizes]
    for part_bytes in (100, 400, 10_000):
        parts = list(split(documents, part_bytes))
        assert [document for part in parts for document in part] == documents
        assert len(parts) >= 2
        assert all(sum(len(document.text) for document in part[1:]) <= part_bytes for part in parts)
    assert list(split([], 100)) == []


def test_a_finished_sample_is_left_as_it_is(paths: SearchPaths, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = write_sample(str(out), paths=paths)
    times = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    second = write_sample(str(out), paths=paths)
    assert (first.reused, second.reused) == (False, True)
    assert (second.files, second.kinds) == (first.files, first.kinds)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == times


def test_another_environment_replaces_the_sample(paths: SearchPaths, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_sample(str(out), paths=paths)
    (out / "web-0007.warc.gz").write_bytes(b"of a larger sample")
    information = Path(paths.packages[0], "sieve-1.0.dist-info")
    information.mkdir()
    (information / "METADATA").write_text("Name: sieve\nVersion: 1.0\n\n" + "What a sieve is good for. " * 10)
    (information / "RECORD").write_text("sieve-1.0.dist-info/METADATA,,\n")
    report = write_sample(str(out), paths=paths)
    assert not report.reused
    assert json.loads((out / "sample.json").read_bytes())["environment"]["distributions"]["sieve"] == "1.0"
    assert set(contents(out)) == {"sample.json", *(file.name for file in report.files)}


def test_an_unfinished_or_incomplete_sample_is_made_again(paths: SearchPaths, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_sample(str(out), paths=paths)
    whole = contents(out)
    (out / "web-0000.warc.gz").unlink()
    assert not write_sample(str(out), paths=paths).reused
    assert contents(out) == whole
    (out / "sample.json").write_bytes(whole["sample.json"].replace(b'"finished": true', b'"finished": false'))
    assert not write_sample(str(out), paths=paths).reused
    assert contents(out) == whole


@pytest.mark.parametrize("name", ["web-0000.warc.gz", "sample.json"])
def test_a_folder_with_other_files_is_refused_and_kept(name: str, paths: SearchPaths, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("{}")
    with pytest.raises(InputError, match="not a sample"):
        write_sample(str(tmp_path / "out"), paths=paths)
    assert contents(tmp_path / "out") == {name: b"{}"}


def test_a_file_in_the_place_of_the_folder_is_refused(paths: SearchPaths, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="is a file"):
        write_sample(str(tmp_path / "out"), paths=paths)


def test_the_report_names_the_folder_every_kind_and_every_file(paths: SearchPaths, tmp_path: Path) -> None:
    report = write_sample(str(tmp_path / "out"), paths=paths)
    total, *rest = report.lines()
    assert total.startswith(f"{report.documents} documents")
    assert str(tmp_path / "out") in total
    named = [line.split()[0] for line in rest]
    assert named == [*(kind.kind for kind in report.kinds), *(file.name for file in report.files)]
    assert "left as it is" in write_sample(str(tmp_path / "out"), paths=paths).lines()[0]


def test_held_out_sets_repeat_documents_of_three_kinds(paths: SearchPaths, tmp_path: Path) -> None:
    report = write_sample(str(tmp_path / "out"), paths=paths)
    texts = {document.text for document in collect_documents(paths=paths)}
    sets = sorted((tmp_path / "out").glob("heldout-*"))
    assert [path.name.split(".")[0] for path in sets] == [
        "heldout-descriptions",
        "heldout-docstrings",
        "heldout-modules",
    ]
    for path in sets:
        held_out = [json.loads(line)["text"] for line in gzip.decompress(path.read_bytes()).splitlines()]
        assert set(held_out) <= texts
        assert len(held_out) == next(file.documents for file in report.files if file.name == path.name)
