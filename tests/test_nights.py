"""Over time: nights that remember each other drop what one run over all of them drops, and take nothing back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import curated_hash, curator, read_table, run_json
from tests.steps.near_corpus import families

NIGHTS = 3
KEEP = "  keep: [length]"
KEEP_IN_ORDER = "  keep: [source, length]\n  source_priority: [night-0, night-1, night-2]"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights of families of near duplicates, exact copies and repeated addresses, mixed over the nights."""
    folder = tmp_path_factory.mktemp("crawl")
    texts = families(7, families=30, versions=9)
    rng = np.random.default_rng(1)
    texts += [texts[place] for place in rng.integers(0, len(texts), 40)]
    for night in range(NIGHTS):
        lines = []
        for number, text in enumerate(texts[night::NIGHTS]):
            address = f"https://example.org/{rng.integers(0, 250)}" if number % 3 else None
            lines.append(json.dumps({"text": text, "url": address}))
        (folder / f"night-{night}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def config(folder: Path, name: str, crawl: Path, nights: list[int], keep: str, history: Path | None) -> Path:
    sources = "".join(f"    - path: {crawl}/night-{night}.jsonl\n      name: night-{night}\n" for night in nights)
    path = folder / f"{name}.yaml"
    path.write_text(
        f"input:\n  sources:\n{sources}output:\n  path: {folder / name}\n"
        f"shards:\n  text_bytes: 20_000\n  unit_bytes: 40_000\n"
        f"duplicates:\n{keep}\nexact:\n  by_url: true\n"
        + (f"history:\n  path: {history}\n" if history else "")
        + "resources:\n  cpus: 2\n  object_store_bytes: 200_000_000\n"
    )
    return path


def run(path: Path, *more: str) -> Path:
    done = curator("dedup", str(path), *more)
    assert done.returncode == 0, done.stderr
    return path.with_suffix("")


def dropped(*outputs: Path) -> set[tuple[str, int]]:
    rows = [row for output in outputs for row in read_table(output, "ledger").to_pylist()]
    return {(Path(row["file"]).name, row["position"]) for row in rows if row["outcome"] == "dropped"}


@pytest.fixture(scope="module")
def nights(crawl: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The outputs of three nights that share a history."""
    folder = tmp_path_factory.mktemp("nights")
    configs = [config(folder, f"n{night}", crawl, [night], KEEP, folder / "history") for night in range(NIGHTS)]
    return [run(path) for path in configs]


def test_nights_in_sequence_drop_what_one_run_in_their_order_drops(
    crawl: Path, nights: list[Path], tmp_path: Path
) -> None:
    together = run(config(tmp_path, "together", crawl, [0, 1, 2], KEEP_IN_ORDER, None))
    assert dropped(*nights) == dropped(together)
    assert len(dropped(*nights)) > 100


def test_what_was_dropped_for_an_earlier_night_names_its_document_and_its_output(nights: list[Path]) -> None:
    earlier = [row for row in read_table(nights[2], "ledger").to_pylist() if row["detail"]]
    assert {row["reason"] for row in earlier} == {"exact_duplicate", "same_url", "near_duplicate"}
    for row in earlier:
        number, output = row["detail"].removeprefix("kept on night ").split(": ")
        kept = set(read_table(Path(output), "ledger")["doc_id"].to_pylist())
        assert int(number) < 2
        assert row["kept_doc_id"] - 2**63 in kept


def test_the_same_night_again_gives_the_same_bytes_and_does_not_meet_itself(nights: list[Path], crawl: Path) -> None:
    before = curated_hash(nights[1])
    (nights[1] / "run.json").unlink()  # as if it had been killed before it was done
    again = config(nights[1].parent, "n1", crawl, [1], KEEP, nights[1].parent / "history")
    run(again)
    assert curated_hash(nights[1]) == before


def test_nights_through_the_shuffle_drop_the_same(nights: list[Path], crawl: Path, tmp_path: Path) -> None:
    shuffled = [
        run(
            config(tmp_path, f"n{night}", crawl, [night], KEEP, tmp_path / "history"),
            "--set",
            "resources.exchange_bytes=1000",
        )
        for night in range(2)
    ]
    assert [curated_hash(output) for output in shuffled] == [curated_hash(output) for output in nights[:2]]


def test_an_earlier_night_is_not_published_again_with_other_input(
    nights: list[Path], crawl: Path, tmp_path: Path
) -> None:
    before = curated_hash(nights[0])
    other = config(nights[0].parent, "n0", crawl, [0, 1], KEEP, nights[0].parent / "history")
    done = curator("dedup", str(other))
    assert done.returncode == 1
    assert "later nights were checked against it" in done.stderr
    assert curated_hash(nights[0]) == before


def test_a_history_is_of_one_signature_scheme(nights: list[Path], crawl: Path, tmp_path: Path) -> None:
    other = config(tmp_path, "other", crawl, [2], KEEP, nights[0].parent / "history")
    done = curator("dedup", str(other), "--set", "near.seed=2")
    assert done.returncode == 1
    assert "near.seed 1 (now 2)" in done.stderr
    assert not (tmp_path / "other").exists()


def test_the_funnel_of_a_night_counts_what_was_remembered(nights: list[Path]) -> None:
    steps = {step["name"]: step for step in run_json(nights[2])["steps"]}  # type: ignore[attr-defined]
    assert steps["remember"]["documents_out"] == steps["near"]["documents_out"] == steps["write"]["documents_in"]
