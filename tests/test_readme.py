"""What the README shows must work."""

from __future__ import annotations

import re
from pathlib import Path

from curator.config import load_config
from curator.config.evaluation import load_evaluation

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(example)
    config = load_config(str(tmp_path / "mine.yaml"), ["budgets.keep_share=0.6"])
    assert config.filters.c4 is None
    assert config.budgets.keep_share == 0.6


def test_every_linked_file_and_make_target_exists() -> None:
    for link in re.findall(r"\]\(([^)#]+)", README):
        assert (ROOT / link).exists(), link
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^    make ([a-z-]+)", README, re.MULTILINE)) <= targets


def test_the_configurations_of_the_docs_are_valid(tmp_path: Path) -> None:
    (evaluation,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/evaluation.md").read_text(), re.DOTALL)
    (tmp_path / "evaluation.yaml").write_text(evaluation)
    assert load_evaluation(str(tmp_path / "evaluation.yaml")).baseline == "raw"
    (quality,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/quality.md").read_text(), re.DOTALL)
    (tmp_path / "run.yaml").write_text(f"input: {{sources: [{{path: x}}]}}\noutput: {{path: out}}\n{quality}")
    config = load_config(str(tmp_path / "run.yaml"))
    assert config.quality is not None
    assert config.quality.spared == "high"


def test_the_evaluation_of_the_sample_is_valid() -> None:
    assert load_evaluation(str(ROOT / "configs/evaluate.yaml")).training.seeds == (1, 2, 3)
