"""What may be said about synthetic text, and the sentences for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.config import Config, load_config
from curator.config.sequence import QUALITY_CLASSES
from curator.errors import ConfigError

LEAST = """\
input: {sources: [{path: data, name: web}]}
output: {path: out}
rephrase:
  http: {url: "http://localhost:1/v1", model: small}
"""


def loaded(folder: Path, rephrase: str) -> Config:
    path = folder / "c.yaml"
    path.write_text(f"{LEAST}  {rephrase}\n")
    return load_config(str(path))


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        ("hihg", "did you mean high?"),
        ("medium-low", "did you mean medium_low?"),
        ("others", "did you mean other?"),
        ("xyz", "classes are low, medium_low, medium, medium_high, high, other"),
    ],
)
def test_a_class_of_quality_that_does_not_exist_is_told_with_the_nearest(tmp_path: Path, named: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, f"choice: {{quality: {{high: 2, {named}: 0.5}}}}")
    assert f"quality has no class '{named}'; {hint}" in str(error.value)
    assert "c.yaml:5" in str(error.value)


def test_every_class_and_other_can_be_weighed(tmp_path: Path) -> None:
    weights = ", ".join(f"{name}: 0.5" for name in (*QUALITY_CLASSES, "other"))
    found = loaded(tmp_path, f"choice: {{quality: {{{weights}}}}}").rephrase
    assert found is not None
    assert set(found.choice.quality) == {*QUALITY_CLASSES, "other"}


@pytest.mark.parametrize("kind", ["theme", "concept"])
def test_themes_and_concepts_can_be_weighed_by_number_where_there_are_some(tmp_path: Path, kind: str) -> None:
    found = loaded(tmp_path, f"choice: {{{kind}: {{3: 2.0, other: 0.5}}}}").rephrase
    assert found is not None
    assert getattr(found.choice, kind) == {"3": 2.0, "other": 0.5}
    with pytest.raises(ConfigError, match=f"rephrase.choice.{kind} needs concepts"):
        loaded(tmp_path, f"choice: {{{kind}: {{3: 2.0}}}}\nbudgets: null")
