"""Bad input, end to end: a bad record is a ledger row, a bad file is named, and a stopped run goes on where it was."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import COMMAND, curated_hash, curator, read_table, run_json
from tests.corpus import config_text, records, write_corpus, write_jsonl

GOOD = [record for index, record in enumerate(records(320)) if index % 20 not in (13, 17, 18, 19)]
HUGE = b"word " * 10_000_000  # 50 MB
KEEP_ALL = ("--set", "budgets.keep_share=1.0", "--set", "redundancy.similarity=1.0")

BAD_LINES = (
    (b'{"text": "the line breaks off', "invalid_json"),
    (b"this is no JSON", "invalid_json"),
    (b'{"text": "a raw NUL byte \x00"}', "invalid_json"),
    (b'{"text": "half a surrogate \\ud800"}', "invalid_json"),
    (b'{"url": "https://example.org/"}', "missing_text"),
    (b'{"text": null}', "null_text"),
    (b'{"text": ""}', "empty_text"),
    (b'{"text": " \\n\\t "}', "empty_text"),
    (b'{"text": "\\u0000\\u0000"}', "empty_text"),
    (b'{"text": 7}', "text_not_a_string"),
    (b'{"text": ["a", "b"]}', "text_not_a_string"),
    (b'["a", "b"]', "not_an_object"),
    (b"null", "not_an_object"),
    (b'{"text": "caf\xe9 in Latin-1"}', "invalid_utf8"),
)
DAMAGE = {
    "broken-page.parquet": "cannot be decoded",
    "cut.jsonl.gz": "the gzip stream ends before its end mark",
    "cut.jsonl.zst": "the zstd stream ends before its end mark",
    "cut.parquet": "not a Parquet file or its footer is broken",
    "cut.warc.gz": "the gzip stream ends before its end mark",
    "dangling.jsonl": "the file is no longer there",
    "empty.jsonl.gz": "it is empty, not a gzip stream",
    "no-gzip.jsonl.gz": "is not gzip",
    "no-strings.parquet": "its column text holds int64",
    "other-schema.parquet": "its columns are title, body",
    "unreadable.jsonl": "it cannot be read",
}

Reasons = dict[tuple[str, int], str | None]


class Skipped(NamedTuple):
    """A run over a folder of bad input: why each record that stands at (file, position) cannot be used, None for good ones."""

    output: Path
    done: subprocess.CompletedProcess[str]
    reasons: Reasons


@pytest.fixture(scope="module")
def skipped(tmp_path_factory: pytest.TempPathFactory) -> Skipped:
    """Every kind of bad record and of bad file in one folder, run with on_bad_file: skip."""
    folder = tmp_path_factory.mktemp("bad")
    source = folder / "in"
    source.mkdir()
    reasons = write_json_lines(source) | write_parquet(source) | write_warc(source)
    write_damaged_files(source)
    config = folder / "c.yaml"
    config.write_text(config_text(source, folder / "out", on_bad_file="skip", unit_bytes="20_000"))
    return Skipped(folder / "out", curator("run", str(config), *KEEP_ALL), reasons)


def good_lines(start: int, stop: int) -> list[bytes]:
    return [json.dumps(record).encode() for record in GOOD[start:stop]]


def placed(name: str, lines: list[tuple[bytes, str | None]]) -> Reasons:
    """The byte at which each line starts."""
    starts = [sum(len(line) + 1 for line, _ in lines[:place]) for place in range(len(lines))]
    return {(name, start): reason for start, (_, reason) in zip(starts, lines, strict=True)}


def joined(lines: list[tuple[bytes, str | None]]) -> bytes:
    return b"".join(line + b"\n" for line, _ in lines)


def write_json_lines(source: Path) -> Reasons:
    """A plain file that is cut into many units, its bad lines between good ones; and one with a document of 50 MB."""
    plain: list[tuple[bytes, str | None]] = []
    for line, bad in zip(good_lines(0, 42), [*BAD_LINES] * 3, strict=True):
        plain += [(line, None), bad]
    nul = json.dumps({"text": "\0".join(str(GOOD[42]["text"]))}).encode()
    packed = [(nul, None), (b'{"text": "' + HUGE + b'"}', "document_too_large"), (good_lines(43, 44)[0], None)]
    (source / "lines.jsonl").write_bytes(joined(plain))
    (source / "packed.jsonl.gz").write_bytes(gzip.compress(joined(packed), compresslevel=1, mtime=0))
    (source / "empty.jsonl").touch()
    return placed("lines.jsonl", plain) | placed("packed.jsonl.gz", packed)


def write_parquet(source: Path) -> Reasons:
    texts = [record["text"] for record in GOOD[50:54]]
    column = [texts[0], None, texts[1], "", " \n", texts[2], HUGE.decode(), texts[3]]
    pq.write_table(pa.table({"text": pa.array(column, pa.string())}), source / "rows.parquet")
    reasons = [None, "null_text", None, "empty_text", "empty_text", None, "document_too_large", None]
    return {("rows.parquet", row): reason for row, reason in enumerate(reasons)}


def warc_record(body: bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", compresslevel=1, mtime=0)


def page(record: dict[str, object]) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in str(record["text"]).split("\n"))
    return f"<html><body><main>{paragraphs}</main></body></html>".encode()


def write_warc(source: Path) -> Reasons:
    """A gzipped WARC: its records are named by the byte of the file at which their gzip member starts."""
    made = [
        (warc_record(page(GOOD[60])), None),
        (warc_record(b"<p>gone</p>", status="404 Not Found"), "http_status"),
        (warc_record(b"\x89PNG", kind="image/png"), "not_text"),
        (warc_record(b""), "empty_text"),
        (warc_record(b"<html><body></body></html>"), "no_main_text"),
        (warc_record(HUGE), "document_too_large"),
        (warc_record(b"caf\xe9", kind="text/plain; charset=utf-8"), "invalid_utf8"),
        (warc_record(page(GOOD[61])), None),
    ]
    (source / "pages.warc.gz").write_bytes(b"".join(record for record, _ in made))
    starts = [sum(len(record) for record, _ in made[:place]) for place in range(len(made))]
    return {("pages.warc.gz", start): reason for start, (_, reason) in zip(starts, made, strict=True)}


def write_damaged_files(source: Path) -> None:
    write_cut(source / "cut.jsonl.gz", gzip.compress(joined([(line, None) for line in good_lines(80, 110)]), mtime=0))
    frames = [pa.compress(line + b"\n", "zstd").to_pybytes() for line in good_lines(110, 140)]
    write_cut(source / "cut.jsonl.zst", b"".join(frames))
    (source / "empty.jsonl.gz").touch()
    (source / "no-gzip.jsonl.gz").write_bytes(b"\n".join(good_lines(0, 2)))
    (source / "dangling.jsonl").symlink_to("nowhere")
    (source / "unreadable.jsonl").symlink_to("/proc/self/mem")  # unreadable even to root
    (source / "cut.warc.gz").write_bytes(warc_record(page(GOOD[62])) + warc_record(page(GOOD[63]))[:-200])
    pq.write_table(pa.table({"title": ["a"], "body": ["b"]}), source / "other-schema.parquet")
    pq.write_table(pa.table({"text": [1, 2]}), source / "no-strings.parquet")
    (source / "cut.parquet").write_bytes((source / "rows.parquet").read_bytes()[:-100])
    write_broken_page(source / "broken-page.parquet")


def write_cut(path: Path, content: bytes) -> None:
    path.write_bytes(content[: len(content) * 2 // 3])


def write_broken_page(path: Path) -> None:
    """The second of two row groups has a flipped byte."""
    texts = pa.table({"text": [record["text"] for record in GOOD[140:150]]})
    pq.write_table(texts, path, row_group_size=5, write_page_checksum=True, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    column = pq.read_metadata(path).row_group(1).column(0)
    content[column.data_page_offset + column.total_compressed_size - 100] ^= 1
    path.write_bytes(content)


def by_place(output: Path) -> dict[tuple[str, int], dict[str, object]]:
    rows = read_table(output, "ledger").to_pylist()
    found = {(os.path.basename(row["file"]), row["position"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_run_goes_on_over_all_bad_input(skipped: Skipped) -> None:
    assert skipped.done.returncode == 0, skipped.done.stderr
    assert "every one is accounted for" in skipped.done.stdout
    assert "Traceback" not in skipped.done.stderr


def test_every_record_is_one_row_of_the_ledger_with_its_reason(skipped: Skipped) -> None:
    found = {place: row for place, row in by_place(skipped.output).items() if place[0] not in DAMAGE}
    assert {place: row["reason"] for place, row in found.items()} == skipped.reasons
    bad = [row for row in found.values() if row["reason"]]
    assert all(row["step"] == "ingest" and row["outcome"] == "dropped" and row["detail"] for row in bad)


def test_every_bad_file_is_named_with_place_and_fault(skipped: Skipped) -> None:
    notes = {os.path.basename(note.split(" at ")[0]): note for note in run_json(skipped.output)["bad_files"]}
    assert sorted(notes) == sorted(DAMAGE)
    for name, note in notes.items():
        assert DAMAGE[name] in note
        assert f"skipped: {note}" in skipped.done.stderr.splitlines()


def test_a_bad_file_is_one_row_of_the_ledger_where_its_damage_begins(skipped: Skipped) -> None:
    rows = {place: row for place, row in by_place(skipped.output).items() if row["reason"] == "damaged_file"}
    assert sorted(name for name, _ in rows) == sorted(DAMAGE)
    for (name, position), row in rows.items():
        assert DAMAGE[name] in str(row["detail"])
        assert all(before <= position for file, before in by_place(skipped.output) if file == name)


def test_what_stands_before_the_damage_is_curated(skipped: Skipped) -> None:
    curated = dict(
        zip(*(read_table(skipped.output, "curated")[name].to_pylist() for name in ("doc_id", "text")), strict=True)
    )
    kept: dict[str, list[str]] = {}
    for (name, _), row in sorted(by_place(skipped.output).items()):
        if name in DAMAGE and row["outcome"] == "kept":
            kept.setdefault(name, []).append(curated[row["doc_id"]])
    texts = [record["text"] for record in GOOD]
    assert sorted(kept) == ["cut.jsonl.gz", "cut.jsonl.zst", "cut.warc.gz"]
    assert [text.split() for text in kept["cut.warc.gz"]] == [texts[62].split()]
    for name, first in (("cut.jsonl.gz", 80), ("cut.jsonl.zst", 110)):
        assert 5 < len(kept[name]) < 30
        assert kept[name] == texts[first : first + len(kept[name])]


def test_nul_characters_are_taken_out_of_a_text(skipped: Skipped) -> None:
    texts = read_table(skipped.output, "curated")["text"].to_pylist()
    assert GOOD[42]["text"] in texts
    assert not any("\0" in text for text in texts)


def test_a_damaged_file_ends_the_run_with_one_sentence_and_its_mend_lets_it_finish(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in" / "a.jsonl", GOOD[:40])
    damaged = write_jsonl(tmp_path / "in" / "b.jsonl.gz", GOOD[40:80])
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    config = tmp_path / "c.yaml"
    config.write_text(config_text(tmp_path / "in", tmp_path / "out"))
    failed = curator("run", str(config))
    assert failed.returncode == 1
    (sentence,) = [line for line in failed.stderr.splitlines() if line.startswith("curator: ")]
    assert sentence.startswith(f"curator: {damaged} at ")
    assert sentence.endswith("the file is cut off; repair the file or set input.on_bad_file: skip")
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "out" / "run.json").exists()
    damaged.write_bytes(whole)
    mended = curator("run", str(config))
    assert mended.returncode == 0, mended.stderr
    assert read_table(tmp_path / "out", "ledger").num_rows == 80


def test_an_input_without_one_usable_record_gives_a_ledger_and_no_documents(tmp_path: Path) -> None:
    lines: list[tuple[bytes, str | None]] = [*BAD_LINES]
    (tmp_path / "in.jsonl").write_bytes(joined(lines))
    (tmp_path / "c.yaml").write_text(config_text(tmp_path / "in.jsonl", tmp_path / "out"))
    done = curator("run", str(tmp_path / "c.yaml"))
    assert done.returncode == 0, done.stderr
    assert {place: row["reason"] for place, row in by_place(tmp_path / "out").items()} == placed("in.jsonl", lines)
    assert run_json(tmp_path / "out")["documents_kept"] == 0


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("input.sources.0.path=nowhere/*.jsonl", "no input file matches nowhere/*.jsonl"),
        ("input.sources.0.path=in.doc", "in.doc has no known suffix"),
        ("output.path=in.doc", "in.doc is a file; name a folder"),
        ("output.path=in.doc/deep/out", "in.doc is a file; name a folder"),
        ("output.path=gone://bucket/out", "output.path: gone://bucket/out cannot be reached"),
        ("output.paths=out", "unknown key output.paths; did you mean path?"),
        ("shards.text_bytes=many", "shards.text_bytes"),
        ("resources.ray_address=127.0.0.1:1", "no Ray cluster answers at 127.0.0.1:1"),
    ],
)
def test_a_setup_that_cannot_work_fails_before_anything_is_written(
    tmp_path: Path, setting: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "in.jsonl", GOOD[:2])
    (tmp_path / "in.doc").write_text("not a folder")
    (tmp_path / "c.yaml").write_text(config_text("in.jsonl", "out"))
    before = sorted(os.listdir(tmp_path))
    done = curator("run", "c.yaml", "--set", setting)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == before
    assert (tmp_path / "in.doc").read_text() == "not a folder"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def undisturbed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The hash of the curated bytes of a run that nothing came between."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "c.yaml").write_text(config_text(corpus, folder / "out"))
    assert curator("run", str(folder / "c.yaml")).returncode == 0
    return curated_hash(folder / "out")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk in memory that can be made larger while it is mounted."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_stops_the_run_and_more_room_lets_it_finish(corpus: Path, undisturbed: str, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(config_text(corpus, tmp_path / "disk" / "out"))
    with small_disk(tmp_path / "disk", "300k") as disk:
        for room in ("1200k", "64m"):
            full = curator("run", str(config))
            assert full.returncode == 1
            (sentence,) = [line for line in full.stderr.splitlines() if line.startswith("curator: ")]
            assert f"cannot write {disk}/out/" in sentence
            assert "No space left on device" in sentence
            assert "Traceback" not in full.stderr
            subprocess.run(["mount", "-o", f"remount,size={room}", str(disk)], check=True)
        done = curator("run", str(config))
        assert done.returncode == 0, done.stderr
        assert curated_hash(disk / "out") == undisturbed


def test_a_run_stopped_by_its_user_says_so_and_goes_on_next_time(
    corpus: Path, undisturbed: str, tmp_path: Path
) -> None:
    config, output = tmp_path / "c.yaml", tmp_path / "out"
    config.write_text(config_text(corpus, output))
    driver = subprocess.Popen(
        [*COMMAND, "run", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    deadline = time.monotonic() + 240
    while not list(output.glob("steps/ingest-*/commits/*.json")):
        assert driver.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGINT)  # a terminal sends Ctrl-C to the whole group
    _, log = driver.communicate(timeout=120)
    assert driver.returncode == 130
    assert log.splitlines()[-1] == "curator: stopped; the same command goes on where it was"
    assert "Traceback" not in log
    done = curator("run", str(config))
    assert done.returncode == 0, done.stderr
    assert curated_hash(output) == undisturbed


def test_an_embedder_of_the_wrong_shape_is_one_sentence(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "narrow.py").write_text(
        "import numpy as np\n\n\nclass Narrow:\n    def encode(self, texts):\n        return np.ones((len(texts), 3))\n"
    )
    config = tmp_path / "c.yaml"
    config.write_text(config_text(corpus, tmp_path / "out"))
    own = json.dumps({"own": {"class": "narrow:Narrow", "dimensions": 4}})
    done = curator("run", str(config), "--set", f"embedding={own}", environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("curator: embedding.own: narrow:Narrow must return numbers of shape (")
