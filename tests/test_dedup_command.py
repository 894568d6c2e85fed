"""`curator dedup` from end to end: duplicates go, everything else stays as it was read, and all of it is accounted for."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import COMMAND, commit_times, curated_hash, curator, dropped, read_table, run_json
from tests.corpus import document, write_jsonl

STRANGE = [
    "Ã¼ber is mojibake, and stays so. Write to jane@mail.example-company.com!",
    "cafe\u0301 is not composed\r\nwith CRLF\r\n\r\n  and white space at the end \t\n",
    "Subscribe to our newsletter\nAccept cookies\n\nAccept cookies\n",
    "zero\u200bwidth \x00 NUL \ufeff mark \u202eright to left\u202c",
    "中文没有空格。",
    "x",
    "x" * 50_000,
]
"""What a whole run would repair, cut, mask or drop."""
BAD_LINES = [
    b'{"text": "the line breaks off',
    b'{"text": null}',
    b'{"text": " "}',
    b'["no object"]',
    b'{"text": "\xe9"}',
]


def planted() -> list[dict[str, Any]]:
    """60 documents; of each 10 the last two are an older exact and an older near duplicate of the fourth and the fifth."""
    rng = random.Random(5)
    made: list[dict[str, Any]] = []
    for index in range(60):
        text = document(rng, "garden", 16)
        if index % 10 == 8:
            text = "  " + made[index - 5]["text"].replace("\n", "\r\n\r\n")
        elif index % 10 == 9:
            text = made[index - 5]["text"] + " One more sentence stands at the end of this one."
        made.append(
            {"id": f"d{index}", "text": text, "url": f"https://example.org/{index}", "date": 1_500_000_000 - index}
        )
    return made


RECORDS = planted() + [{"id": f"s{place}", "text": text} for place, text in enumerate(STRANGE)]
KEPT_FOR = {f"d{index - 5}": f"d{index}" for index in range(60) if index % 10 > 7}
"""Which document should stay for each that should go."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for part in range(3):
        write_jsonl(folder / f"part-{part}.jsonl", RECORDS[part::3])
    (folder / "part-2.jsonl").open("ab").write(b"\n".join(BAD_LINES) + b"\n")
    return folder


def write_config(folder: Path, corpus: Path) -> Path:
    path = folder / "c.yaml"
    path.write_text(
        f"input:\n  sources:\n    - path: {corpus}\n      name: tests\noutput:\n  path: {folder / 'out'}\n"
        "shards: {text_bytes: 20_000, unit_bytes: 60_000}\nduplicates: {keep: [oldest]}\n"
        "resources: {cpus: 2, object_store_bytes: 200_000_000}\n"
    )
    return path


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of one undisturbed run."""
    folder = tmp_path_factory.mktemp("finished")
    done = curator("dedup", str(write_config(folder, corpus)))
    assert done.returncode == 0, done.stderr
    assert "every one is accounted for" in done.stdout
    return folder / "out"


def rows_of(finished: Path, table: str) -> list[dict[str, Any]]:
    return list(read_table(finished, table).to_pylist())


def names(finished: Path) -> dict[int, str]:
    """The id that every ingested document has in its own metadata, by doc_id."""
    tables = read_table(next(finished.glob("steps/ingest-*")), "documents").to_pylist()
    return {row["doc_id"]: json.loads(row["metadata"])["id"] for row in tables}


def test_planted_duplicates_go_for_the_older_document_which_is_named(finished: Path) -> None:
    name = names(finished)
    lost = [row for row in rows_of(finished, "ledger") if row["step"] in ("exact", "near")]
    assert {name[row["doc_id"]]: name[row["kept_doc_id"]] for row in lost} == KEPT_FOR
    assert dropped(read_table(finished, "ledger"))["exact.exact_duplicate"] == 6
    assert dropped(read_table(finished, "ledger"))["near.near_duplicate"] == 6


def test_what_stays_is_what_was_read_byte_for_byte(finished: Path) -> None:
    texts = {json.loads(row["metadata"])["id"]: row["text"] for row in rows_of(finished, "curated")}
    assert texts == {record["id"]: record["text"] for record in RECORDS if record["id"] not in KEPT_FOR}


def test_the_columns_are_the_contract(finished: Path) -> None:
    curated = read_table(finished, "curated")
    assert curated.column_names == [
        "doc_id", "text", "url", "source", "date", "duplicate_group", "duplicates", "weight", "copies", "metadata",
    ]  # fmt: skip
    first = next(row for row in curated.to_pylist() if row["url"] == "https://example.org/8")
    assert first["date"].timestamp() == 1_500_000_000 - 8
    assert (first["duplicate_group"], first["duplicates"], first["source"]) == (first["doc_id"], 2, "tests")


def test_every_record_is_in_the_ledger_once(finished: Path) -> None:
    ledger = rows_of(finished, "ledger")
    assert len(ledger) == len({row["doc_id"] for row in ledger}) == len(RECORDS) + len(BAD_LINES)
    kept = {row["doc_id"] for row in ledger if row["outcome"] == "kept"}
    assert kept == {row["doc_id"] for row in rows_of(finished, "curated")}
    bad = {row["reason"] for row in ledger if row["step"] == "ingest"}
    assert bad == {"invalid_json", "null_text", "empty_text", "not_an_object", "invalid_utf8"}


def test_the_report_has_the_steps_of_the_command(finished: Path) -> None:
    report: Any = run_json(finished)
    assert [step["name"] for step in report["steps"]] == ["ingest", "exact", "near", "write"]
    assert report["documents_kept"] == len(RECORDS) - len(KEPT_FOR)


def test_a_second_run_does_nothing(finished: Path) -> None:
    before, files = commit_times(finished), curated_hash(finished)
    done = curator("dedup", str(finished.parent / "c.yaml"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # not even Ray was started
    assert (commit_times(finished), curated_hash(finished)) == (before, files)


def test_the_plan_says_what_is_done_and_what_a_whole_run_would_do(finished: Path) -> None:
    config = str(finished.parent / "c.yaml")
    dedup, whole = (curator("plan", config, *more).stdout for more in (["--dedup"], []))
    assert dedup.count("done, would be skipped") == 4
    assert "done" not in whole
    assert "filter" in whole


def test_what_comes_after_deduplication_need_not_work(finished: Path) -> None:
    config = str(finished.parent / "c.yaml")
    settings = ("--set", "embedding.model=/no/such/model", "--set", "decontamination.path=/no/such/folder")
    assert curator("plan", config, "--dedup", *settings).returncode == 0
    assert "embedding.model" in curator("plan", config, *settings).stderr


def test_control_c_stops_with_one_sentence_and_the_next_run_gives_the_same_bytes(
    corpus: Path, finished: Path, tmp_path: Path
) -> None:
    config = write_config(tmp_path, corpus)
    first = subprocess.Popen([*COMMAND, "dedup", str(config)], stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob("out/steps/ingest-*/commits/*.json")):
        assert first.poll() is None, first.stderr and first.stderr.read()
        time.sleep(0.01)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=120)
    assert first.returncode == 130, said
    assert "curator: stopped; the same command goes on where it was" in said
    assert "Traceback" not in said
    before = commit_times(tmp_path / "out")
    done = curator("dedup", str(config))
    assert done.returncode == 0, done.stderr
    assert commit_times(tmp_path / "out").items() >= before.items()
    assert curated_hash(tmp_path / "out") == curated_hash(finished)


def stages(output: Path) -> set[str]:
    """What the step `near` has committed, its shards as one: `members-0`, `edges-0`, ..., `shards`."""
    names = (path.stem for path in output.glob("steps/near-*/commits/*.json"))
    return {"shards" if name[0].isdigit() else name for name in names}


def killed_at_next_stage(config: Path, output: Path) -> bool:
    """Run until something new is committed, then kill -9; False where the run ended by itself before."""
    seen = stages(output)
    driver = subprocess.Popen([*COMMAND, "dedup", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while driver.poll() is None:
        if stages(output) - seen:
            driver.kill()
            driver.wait()
            return True
        time.sleep(0.02)
    assert driver.returncode == 0
    return False


def test_a_driver_killed_at_every_exchange_ends_with_the_same_bytes(
    corpus: Path, finished: Path, tmp_path: Path
) -> None:
    config, output = write_config(tmp_path, corpus), tmp_path / "out"
    config.write_text(config.read_text().replace("cpus: 2", "exchange_bytes: 1_000, cpus: 2"))
    kills = 0
    while killed_at_next_stage(config, output):
        kills += 1
        assert kills < 30
    assert kills >= 5
    assert {"members-0", "edges-0", "groups-0", "members-1", "edges-1", "shards"} <= stages(output)
    assert curated_hash(output) == curated_hash(finished)
