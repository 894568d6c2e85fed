"""The story of a document leads to the one that was kept for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curator.errors import InputError, StoreError
from curator.report.explain import explain
from curator.steps.order_files import write_cuts
from curator.steps.synthetic_tables import ACCEPTED, REJECTED
from curator.store.files import Folder
from curator.store.ids import ROW_BITS, synthetic_ids
from curator.store.step_folder import StepFolder
from curator.store.tables import to_parquet

OTHER = 1 << ROW_BITS  # the first document of another shard
PINNED = (1 << 63) + 12
ROWS = [
    # doc_id, outcome, step, reason, value, kept_doc_id, detail
    (0, "kept", None, None, None, None, None),
    (1, "dropped", "exact", "exact_duplicate", 3.0, OTHER, None),
    (2, "dropped", "filter", "url.domain", None, None, "blocked.example"),
    (3, "dropped", "near", "near_duplicate", 0.8125, PINNED, None),
    (4, "dropped", "ingest", "empty_text", None, None, None),
    (OTHER, "dropped", "near", "near_duplicate", 0.91, 0, None),
]
TYPES = [pa.uint64(), pa.string(), pa.string(), pa.string(), pa.float64(), pa.uint64(), pa.string()]
NAMES = ["doc_id", "outcome", "step", "reason", "value", "kept_doc_id", "detail"]


@pytest.fixture
def output(tmp_path: Path) -> Folder:
    published, ingest = (StepFolder(Folder(str(tmp_path / name))) for name in (".", "steps/ingest-abc"))
    for shard in (0, 1):
        rows = [row for row in ROWS if row[0] >> ROW_BITS == shard]
        columns = {
            name: pa.array(values, kind)
            for name, kind, values in zip(NAMES, TYPES, zip(*rows, strict=True), strict=True)
        }
        origin = {"source": ["web"] * len(rows), "file": ["a.jsonl"] * len(rows), "position": [row[0] for row in rows]}
        published.write("ledger", shard, pa.table(columns | origin))
        ingested = [row[0] for row in rows if row[2] != "ingest"]
        texts = [f"Text of\n{document} " + "x" * 500 for document in ingested]
        ingest.write("documents", shard, pa.table({"doc_id": pa.array(ingested, pa.uint64()), "text": texts}))
    steps = [{"name": "ingest", "digest": "abc"}, {"name": "curate", "digest": "def"}]
    (tmp_path / "run.json").write_text(json.dumps({"steps": steps}))
    return Folder(str(tmp_path))


CONCEPT = {
    "concept_id": 12, "theme_id": 3, "documents": 1300, "terms": ["bread", "flour", "oven"], "quota": 120, "allowance": 2,
    "kept": 118, "kept_tokens": 40_000,
}  # fmt: skip


@pytest.fixture
def with_concepts(output: Folder, tmp_path: Path) -> Callable[..., Folder]:
    """The same output with a curated row of document 0 and its concept."""

    def write(rebalance: dict[str, object] | None = None, keep_tokens: int | None = None, **row: object) -> Folder:
        published = StepFolder(output)
        concept = pa.table({name: [value] for name, value in CONCEPT.items()})
        published.write_bytes("concepts.parquet", to_parquet(concept).to_pybytes())
        published.write_bytes(
            "mixture.parquet", to_parquet(pa.table({"name": ["3", "unknown"], "passes": [1.8, 0.5]})).to_pybytes()
        )
        curated = {
            "doc_id": 0, "source": None, "language": "en", "concept_id": 12, "theme_id": 3, "semantic_group": 0,
            "semantic_duplicates": 1, "duplicates": 1, "copies": 1,
        } | row  # fmt: skip
        rows = pa.table({name: [value] for name, value in curated.items()})
        rows = rows.set_column(1, "source", pa.array([curated["source"]], pa.string()))
        StepFolder(output / "steps/curate-def").write("curated", 0, rows)
        run = json.loads((tmp_path / "run.json").read_text())
        run["config"] = {"rebalance": rebalance, "budgets": {"keep_tokens": keep_tokens}}
        (tmp_path / "run.json").write_text(json.dumps(run))
        return output

    return write


def why(output: Folder) -> str:
    return explain(output, 0).split("\n")[1].strip()


def test_a_kept_document_says_what_its_concept_was_granted_and_how_often_it_is_read(
    with_concepts: Callable[..., Folder],
) -> None:
    assert why(with_concepts(rebalance={"by": "theme"}, copies=2)) == (
        "kept: concept 12 (bread, flour, oven; 1,300 documents, 118 kept of quota 120); "
        "alone in its semantic group; 2 copies: theme 3 is passed 1.80 times"
    )


def test_a_quota_of_tokens_is_told_in_tokens(with_concepts: Callable[..., Folder]) -> None:
    assert "(bread, flour, oven; 1,300 documents, 40,000 tokens kept of quota 120);" in why(
        with_concepts(keep_tokens=9)
    )


def test_one_copy_of_all_is_not_worth_a_word(with_concepts: Callable[..., Folder]) -> None:
    assert why(with_concepts()).endswith("; alone in its semantic group")


def test_copies_without_rebalancing_stand_for_duplicates(with_concepts: Callable[..., Folder]) -> None:
    assert why(with_concepts(copies=3, duplicates=10)).endswith("; 3 copies: it stands for 10 duplicates")


def test_a_document_without_a_source_is_of_the_unknown_one(with_concepts: Callable[..., Folder]) -> None:
    assert why(with_concepts(rebalance={"by": "source"})).endswith("; 1 copy: source unknown is passed 0.50 times")


@pytest.mark.parametrize(
    ("group", "said"),
    [(0, "leads its semantic group (4 documents, "), (7, "in the semantic group of document 7 (4 documents, ")],
)
def test_a_repeat_is_kept_by_the_allowance_of_its_concept(
    with_concepts: Callable[..., Folder], group: int, said: str
) -> None:
    assert why(with_concepts(semantic_group=group, semantic_duplicates=4)).endswith(f"{said}of which up to 2 may stay)")


def test_with_the_step_curate_deleted_a_kept_document_is_still_kept(with_concepts: Callable[..., Folder]) -> None:
    output = with_concepts()
    StepFolder(output / "steps/curate-def").folder.delete("curated/00000000-00000.parquet")
    assert why(output) == "kept; why is not stored"


@pytest.fixture
def in_order(output: Folder, tmp_path: Path) -> Folder:
    """The same output in training order: document 0 has three copies; output shards of equal size end at keys of their own."""
    run = json.loads((tmp_path / "run.json").read_text())
    run["steps"] += [{"name": "order", "digest": "123"}, {"name": "arrange", "digest": "456"}]
    (tmp_path / "run.json").write_text(json.dumps(run))
    folder = StepFolder(output / "steps/order-123")
    keys = np.array([2**63, 3 * 2**62, 2**60, 0], np.uint64)
    folder.write("order", 0, pa.table({"doc_id": pa.array([0, 0, 0, 9], pa.uint64()), "key": keys}))
    write_cuts(folder, np.array([2**61, 2**63, 2**63 + 2**62], np.uint64))
    return output


def test_the_places_of_copies_in_the_training_order_are_told_in_their_order(in_order: Folder) -> None:
    first, second, third, fourth = explain(in_order, 0).split("\n")
    assert (first[:11], second, fourth[:7]) == ("document 0:", "  kept", "  text:")
    assert third == "  read at 12.5 %, 50.0 %, 75.0 % of the training order"


def test_a_dropped_document_has_no_place_in_the_training_order(in_order: Folder) -> None:
    assert "read at" not in explain(in_order, 2)


def test_with_the_step_order_deleted_places_are_left_out(in_order: Folder) -> None:
    StepFolder(in_order / "steps/order-123").folder.delete("order/00000000-00000.parquet")
    assert "read at" not in explain(in_order, 0)


def test_a_kept_document_is_told_in_three_lines(output: Folder) -> None:
    first, second, third = explain(output, 0).split("\n")
    assert first == "document 0: from a.jsonl at 0, source web"
    assert second == "  kept"
    assert third.startswith("  text: Text of 0 xxx")
    assert len(third) < 220


def test_a_duplicate_leads_through_what_was_kept_for_it_to_what_stayed(output: Folder) -> None:
    story = explain(output, 1)
    assert f"dropped by exact: exact_duplicate, documents in its group 3; document {OTHER} was kept for it" in story
    assert "dropped by near: near_duplicate, similarity 0.91; document 0 was kept for it" in story
    assert [line for line in story.split("\n") if line.startswith("document")][-1].startswith("document 0:")
    assert story.count("  text: Text of") == 3


def test_a_duplicate_of_an_earlier_night_says_so(output: Folder) -> None:
    story = explain(output, 3)
    assert "near_duplicate, similarity 0.8125" in story
    assert story.endswith(f"document {PINNED}: kept on an earlier night, where its number is 12")


def test_what_decided_is_told_and_a_text_that_is_not_stored_is_said_to_be_so(output: Folder) -> None:
    assert "dropped by filter: url.domain\n  blocked.example\n" in explain(output, 2)
    assert explain(output, 4).endswith("dropped by ingest: empty_text\n  its text is not stored")


@pytest.mark.parametrize("document", [5, 99 << ROW_BITS, 1 << 63, 1 << 70, -1])
def test_a_document_that_never_was_is_one_sentence(output: Folder, document: int) -> None:
    with pytest.raises(InputError, match=f"ledger has no document {document}$"):
        explain(output, document)


def test_without_a_finished_run_there_is_nothing_to_explain(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no run\.json"):
        explain(Folder(str(tmp_path)), 0)


def test_with_the_steps_deleted_the_story_is_told_without_texts(output: Folder, tmp_path: Path) -> None:
    for file in (tmp_path / "steps/ingest-abc/documents").iterdir():
        file.unlink()
    assert explain(output, 0).endswith("  kept\n  its text is not stored")


def test_a_rewrite_that_a_later_step_rejected_is_told_with_the_document_kept_for_it(
    output: Folder, tmp_path: Path
) -> None:
    run = json.loads((tmp_path / "run.json").read_text())
    run["steps"] += [{"name": "verify", "digest": "123"}, {"name": "near_rewrites", "digest": "456"}]
    (tmp_path / "run.json").write_text(json.dumps(run))
    number = int(synthetic_ids(0, 1)[0])
    accepted = {"doc_id": number, "source_doc_id": 0, "strategy": "easy", "text": "Told anew."}
    rejected = {
        "doc_id": 0,
        "strategy": "easy",
        "reason": "near_duplicate",
        "value": 0.875,
        "detail": "document 7 it is",
    }
    StepFolder(output / "steps/verify-123").write("synthetic", 0, pa.Table.from_pylist([accepted], ACCEPTED))
    assert f"  rephrased (easy): document {number}\n" in explain(output, 0)
    StepFolder(output / "steps/near_rewrites-456").write("rejected", 0, pa.Table.from_pylist([rejected], REJECTED))
    told = "  rephrased (easy): not accepted, near_duplicate 0.875 (document 7 it is)\n"
    assert told in explain(output, 0)
    assert told in explain(output, number)
