"""Every criterion of the text side from end to end: what a user writes in the YAML is what the ledger says."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import commit_times, curator, dropped, read_table
from tests.corpus import document

OWN_FILTER = """
import numpy as np
import pyarrow.compute as pc

def exclamations(documents):
    texts = documents["text"].to_pylist()
    if any("unlucky" in text for text in texts):
        raise ValueError("an unlucky text")
    return np.array([text.count("!") for text in texts])
"""

CONFIG = """
input:
  sources:
    - path: {folder}/pages.warc
      name: web
    - path: {folder}/table.csv
      name: table
      text_field: [title, body]
      url_field: link
    - path: {folder}/notes/*.txt
      name: notes
output:
  path: {folder}/out
personal_data:
  email: mask
  card: drop
filters:
  robots: [noai]
  urls:
    domains: [{folder}/domains.txt]
    soft_words: [{folder}/words.txt]
  own:
    shouting:
      function: own_filters:exclamations
      max: 3
decontamination:
  path: {folder}/benchmarks
budgets:
  keep_share: 1.0
embedding:
  dimensions: 16
resources:
  cpus: 2
"""


def texts() -> Iterator[str]:
    rng = random.Random(3)
    while True:
        yield document(rng, "garden", 24)


def page(text: str, head: str = "") -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return f"<html><head>{head}</head><body><main>{paragraphs}</main></body></html>".encode()


def write_warc(path: Path, pages: list[tuple[str, bytes]]) -> None:
    with path.open("wb") as file:
        for url, content in pages:
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + content
            header = {
                "WARC-Type": "response",
                "WARC-Target-URI": url,
                "Content-Type": "application/http; msgtype=response",
                "Content-Length": str(len(http)),
            }
            lines = ["WARC/1.0", *(f"{name}: {value}" for name, value in header.items())]
            file.write("\r\n".join(lines).encode() + b"\r\n\r\n" + http + b"\r\n\r\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus with one document for each criterion among good ones."""
    folder, good = tmp_path_factory.mktemp("text_side"), texts()
    question = " ".join(next(good).split()[:30])
    pages = [
        ("https://good.example.org/1", page(next(good), '<link rel="license" href="https://example.org/free">')),
        ("https://good.example.org/2", page(next(good), '<meta name="robots" content="noai">')),
        ("https://shop.blocked.example/3", page(next(good))),
        ("https://good.example.org/cheap/pills/4", page(next(good))),
        ("https://good.example.org/cheap/5", page(next(good))),
    ]
    write_warc(folder / "pages.warc", pages)
    bodies = [
        next(good) + "\nWrite to jane.roe@mail-of-jane.net today.",
        next(good) + "\nPay with 4111 1111 1111 1111 now.",
        next(good) + "\nStop! Look! Here! Now!",
        next(good) + "\nThis was an unlucky text.",
        next(good) + "\n" + question + " and so it went on.",
    ]
    with (folder / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "body", "link"])
        writer.writerows(
            [f"Title {n} of the table", body, f"https://table.example.org/{n}"] for n, body in enumerate(bodies)
        )
    (folder / "notes").mkdir()
    for note in range(20):
        (folder / "notes" / f"{note:02d}.txt").write_text(next(good))
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "quiz.jsonl").write_text(json.dumps({"query": question, "choices": ["yes", "no"]}) + "\n")
    (folder / "domains.txt").write_text("# bad hosts\nblocked.example\n")
    (folder / "words.txt").write_text("cheap\npills\n")
    (folder / "own_filters.py").write_text(OWN_FILTER)
    (folder / "c.yaml").write_text(CONFIG.format(folder=folder))
    return folder


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    done = curator("run", str(folder / "c.yaml"), environment={"PYTHONPATH": str(folder)})
    assert done.returncode == 0, done.stderr
    return folder / "out"


def row_of(table: pa.Table, column: str, value: str) -> dict[str, object]:
    (row,) = (row for row in table.to_pylist() if row[column] == value)
    return dict(row)


def test_each_criterion_drops_its_document_and_no_other(finished: Path) -> None:
    counts = dropped(read_table(finished, "ledger"))
    expected = {
        "ingest.own.error": 1,
        "filter.url.domain": 1,
        "filter.url.soft_words": 1,
        "filter.robots": 1,
        "filter.pii.card": 1,
        "filter.own.shouting": 1,
        "decontaminate.contamination.ngram13": 1,
    }
    assert counts == expected


def test_the_ledger_says_what_decided(finished: Path) -> None:
    ledger = read_table(finished, "ledger")
    assert row_of(ledger, "reason", "url.domain")["detail"] == "blocked.example"
    assert row_of(ledger, "reason", "own.shouting")["value"] == 4.0
    assert "an unlucky text" in str(row_of(ledger, "reason", "own.error")["detail"])
    assert row_of(ledger, "step", "decontaminate")["detail"] == "quiz:0"


def test_fields_are_mapped_joined_and_masked(finished: Path) -> None:
    row = row_of(read_table(finished, "curated"), "url", "https://table.example.org/0")
    text = str(row["text"])
    assert text.startswith("Title 0 of the table\n\n")
    assert "jane.roe" not in text
    assert "Write to" in text


def test_a_page_keeps_its_licence(finished: Path) -> None:
    curated = read_table(finished, "curated")
    assert row_of(curated, "url", "https://good.example.org/1")["licence"] == "https://example.org/free"
    assert row_of(curated, "url", "https://good.example.org/cheap/5")["licence"] is None


def test_new_limits_do_not_read_the_text_again(folder: Path, finished: Path) -> None:
    before = commit_times(finished)
    settings = ("--set", "filters.own.shouting.max=9", "--set", "filters.gopher_quality.min_words=60")
    done = curator("run", str(folder / "c.yaml"), *settings, environment={"PYTHONPATH": str(folder)})
    assert done.returncode == 0, done.stderr
    after = commit_times(finished)
    ingested = {name: made for name, made in before.items() if name.startswith("steps/ingest-")}
    assert ingested
    assert {name: made for name, made in after.items() if name.startswith("steps/ingest-")} == ingested
    assert "filter.own.shouting" not in dropped(read_table(finished, "ledger"))
