"""`curator evaluate` as a user runs it: small models on two corpora, a report, and nothing trained twice."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.conftest import curator
from tests.corpus import document, write_jsonl

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

CONFIG = """\
output: {{path: {folder}/out}}
corpora:
  noisy: {{path: {folder}/noisy.jsonl}}
  clean: {{path: "{folder}/clean-*.jsonl.gz"}}
heldout:
  garden: {{path: {folder}/garden.jsonl}}
  harbour: {{path: {folder}/harbour.jsonl}}
  noise: {{path: {folder}/noise.jsonl, gates: false}}
tokenizer: {{vocabulary: 300, sample_bytes: 50_000}}
training: {{tokens: 24_576, budgets: [0.5, 1.0], batch_tokens: 1_024, sequence: 64, checkpoints: 3, learning_rate: 3.0e-3}}
heldout_bytes: 20_000
resources: {{cpus: 2, object_store_bytes: 100_000_000}}
"""


def noise(rng: random.Random) -> str:
    return " ".join("".join(rng.choices("0123456789abcdef", k=8)) for _ in range(120))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean corpus in two files, one of which half is noise, and held-out texts; one of them stands in the clean corpus too."""
    folder, rng = tmp_path_factory.mktemp("evaluation"), random.Random(5)
    heldout = {topic: [document(rng, topic, 8) for _ in range(12)] for topic in ("garden", "harbour")}
    clean = [document(rng, rng.choice(("garden", "harbour")), 16) for _ in range(100)]
    noisy = [text if place % 2 == 0 else noise(rng) for place, text in enumerate(clean)]
    for topic, texts in heldout.items():
        write_jsonl(folder / f"{topic}.jsonl", [{"text": text} for text in texts])
    write_jsonl(folder / "noise.jsonl", [{"text": noise(rng)} for _ in range(10)])
    write_jsonl(folder / "noisy.jsonl", [{"text": text} for text in noisy])
    for part in (0, 1):
        write_jsonl(
            folder / f"clean-{part}.jsonl.gz", [{"text": text} for text in [*clean[part::2], *heldout["garden"][:1]]]
        )
    (folder / "e.yaml").write_text(CONFIG.format(folder=folder))
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    done = curator("evaluate", str(folder / "e.yaml"), timeout=550)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def report(folder: Path, told: str) -> dict[str, object]:
    return dict(json.loads((folder / "out/evaluation.json").read_text()))


def summary(report: dict[str, object], corpus: str) -> dict[str, object]:
    (model,) = report["models"]
    return next(one for one in model["corpora"] if one["corpus"] == corpus)


def test_clean_text_beats_noise_distinguishably(report: dict[str, object]) -> None:
    clean = summary(report, "clean")
    assert clean["better"]["distinguishable"]
    assert clean["better"]["value"] > 0.1
    assert clean["faster"]["value"] > 1.2


def test_the_corpus_with_other_seeds_is_not_told_apart(report: dict[str, object]) -> None:
    (model,) = report["models"]
    assert set(model["checks"]) == {"copied", "again"}
    assert not summary(report, "again")["better"]["distinguishable"]


def test_every_run_is_in_the_report(report: dict[str, object]) -> None:
    runs = report["runs"]
    assert len(runs) == 4 * 3
    assert {run["corpus"] for run in runs} == {"noisy", "clean", "copied", "again"}
    assert all([point["tokens"] for point in run["points"]] == [12_288, 24_576] for run in runs)
    assert all(set(run["points"][0]["bits_per_byte"]) == {"garden", "harbour", "noise"} for run in runs)


def test_a_set_that_does_not_gate_is_shown_and_does_not_count(report: dict[str, object], told: str) -> None:
    noisy = summary(report, "noisy")
    gating = [noisy["bits_per_byte"][name] for name in ("garden", "harbour")]
    assert noisy["macro"] == pytest.approx(sum(gating) / 2)
    assert "(noise)" in told


def test_what_stands_in_a_held_out_set_too_is_removed(report: dict[str, object]) -> None:
    overlap = report["overlap"]
    assert overlap["clean"]["removed_documents"] == 2
    assert overlap["noisy"]["removed_documents"] == 0


def test_a_corpus_that_is_too_small_repeats_and_that_is_reported(report: dict[str, object]) -> None:
    clean, copied = summary(report, "clean"), summary(report, "copied")
    assert copied["unique_tokens"] < 0.6 * summary(report, "noisy")["unique_tokens"]
    assert clean["epochs"] > 0


def test_pictures_are_written(folder: Path, told: str) -> None:
    assert (folder / "out/curves-nano.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "out/curves-nano.svg").stat().st_size > 1_000


def test_a_second_call_trains_nothing_and_says_the_same(folder: Path, told: str) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "out/runs").iterdir()}
    again = curator("evaluate", str(folder / "e.yaml"))
    assert again.stdout == told
    assert {path.name: path.stat().st_mtime_ns for path in (folder / "out/runs").iterdir()} == before


def test_only_what_is_missing_is_trained_and_gives_the_same_numbers(folder: Path, told: str) -> None:
    gone = next((folder / "out/runs").glob("clean-nano-2-*.json"))
    before = json.loads(gone.read_text())["points"]
    gone.unlink()
    again = curator("evaluate", str(folder / "e.yaml"))
    assert again.returncode == 0, again.stderr
    assert json.loads(gone.read_text())["points"] == before
    assert again.stderr.count("seed") == 1


def test_a_corpus_that_is_not_there_is_named(folder: Path) -> None:
    done = curator("evaluate", str(folder / "e.yaml"), "--set", "corpora.clean.path=nowhere/*.jsonl")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_ordered_corpus_is_read_as_it_stands_so_two_orders_of_it_make_two_models(folder: Path, told: str) -> None:
    texts = [json.loads(line)["text"] for line in (folder / "noisy.jsonl").read_text().splitlines()]
    for name, order in (("noise_first", texts[1::2] + texts[::2]), ("noise_last", texts[::2] + texts[1::2])):
        write_jsonl(folder / f"{name}.jsonl", [{"text": text} for text in order])
    corpora = {"noisy": {"path": f"{folder}/noisy.jsonl"}} | {
        name: {"path": f"{folder}/{name}.jsonl", "ordered": True} for name in ("noise_first", "noise_last")
    }
    settings = (f"output.path={folder}/ordered", f"corpora={json.dumps(corpora)}", "training.budgets=[1.0]")
    done = curator("evaluate", str(folder / "e.yaml"), *(word for one in settings for word in ("--set", one)))
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "ordered/evaluation.json").read_text())
    first, last = (summary(report, name)["macro"] for name in ("noise_first", "noise_last"))
    assert abs(first - last) > 0.1


def test_an_unknown_key_is_named_with_the_nearest(folder: Path) -> None:
    done = curator("evaluate", str(folder / "e.yaml"), "--set", "training.token=3")
    assert done.returncode == 1
    assert "did you mean tokens?" in done.stderr
