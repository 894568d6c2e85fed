"""A wrong configuration is one clear message with file, line and the nearest valid key."""

import re
from pathlib import Path

import pytest

from curator.config import Config, load_config
from curator.errors import ConfigError

GOOD = """\
input:
  sources:
    - path: in/*.jsonl
output:
  path: out
near:
  bands: 20
"""


@pytest.fixture
def write(tmp_path: Path):
    def write_text(text: str) -> str:
        path = tmp_path / "c.yaml"
        path.write_text(text)
        return str(path)

    return write_text


def test_defaults_fill_what_is_left_out(write) -> None:
    config = load_config(write(GOOD))
    assert config.near.bands == 20
    assert config.near.rows == 6
    assert config.input.on_bad_file == "fail"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (GOOD.replace("bands", "band"), r"c.yaml:7: unknown key near.band; did you mean bands\?"),
        (GOOD.replace("bands: 20", "bands: many"), r"c.yaml:7: near.bands: .*integer.*many"),
        (GOOD.replace("bands: 20", "bands: '20'"), r"c.yaml:7: near.bands: .*integer"),
        (GOOD.replace("bands: 20", "bands: 0"), r"c.yaml:7: near.bands: .*greater than or equal to 1"),
        (GOOD.replace("bands: 20", "threshold: 1.5"), r"c.yaml:7: near.threshold: .*less than or equal to 1"),
        (GOOD.replace("- path", "- paht"), r"c.yaml:3: unknown key input.sources.0.paht; did you mean path\?"),
        (GOOD.replace("output:\n  path: out\n", ""), r"the key output is missing"),
        (
            GOOD + "filters:\n  languages:\n    de:\n      c4: {min_sentence: 3}\n",
            r"c.yaml:11: unknown key filters.languages.de.c4.min_sentence; did you mean min_sentences\?",
        ),
        (
            GOOD + "filters:\n  own:\n    mine: {function: 'm:f', mx: 3}\n",
            r"c.yaml:10: unknown key filters.own.mine.mx; did you mean max\?",
        ),
        (GOOD + "outptu: {}\n", r"c.yaml:8: unknown key outptu; did you mean output\?"),
        (GOOD + "near:\n  rows: 3\n", r"c.yaml:8: near is given twice"),
        (GOOD + "x: [\n", r"(?s)c.yaml: not valid YAML: .*line"),
        ("- 1\n", r"c.yaml: must be a mapping"),
        ("", r"c.yaml: must be a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place(write, broken: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(broken))


def test_all_mistakes_are_named_at_once(write) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(write(GOOD.replace("bands: 20", "bands: 0\n  rows: x")))
    assert len(str(error.value).splitlines()) == 2


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        load_config("nowhere.yaml")


def test_settings_override_the_file(write) -> None:
    config = load_config(
        write(GOOD), ["near.rows=5", "input.sources.0.path=other", "budgets.keep_share=0.5", "language=null"]
    )
    assert (config.near.bands, config.near.rows) == (20, 5)
    assert config.input.sources[0].path == "other"
    assert config.budgets.keep_share == 0.5
    assert config.language is None


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("near.rowss=9", r"--set near.rowss=9: unknown key near.rowss; did you mean rows\?"),
        ("near.rows", r"must have the form key.path=value"),
        ("near.rows=[", r"not valid YAML"),
        ("input.sources.7.path=x", r"7 must be a number below 1"),
        ("near.bands.x=1", r"bands holds a value"),
    ],
)
def test_a_wrong_setting_is_named(write, setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(GOOD), [setting])


def test_a_document_must_fit_its_shard(write) -> None:
    with pytest.raises(ConfigError, match="max_document_bytes"):
        load_config(write(GOOD), ["input.max_document_bytes=90000000"])


@pytest.mark.parametrize("name", ["local", "nightly"])
def test_the_shipped_configurations_are_valid(name: str) -> None:
    assert isinstance(load_config(str(Path(__file__).parents[2] / "configs" / f"{name}.yaml")), Config)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("near:\n  bands: 30\n  rows: 8\n", "bands x rows = 240 is more than permutations = 120"),
        ("near:\n  bands: null\n", "give both bands and rows, or neither"),
        ("near:\n  measure: containment\n", "containment is measured on texts: set verify: text"),
        ("duplicates:\n  keep: [oldest, newest]\n", "names a criterion twice, or both oldest and newest"),
        ("duplicates:\n  keep: [source]\n", "list the sources in source_priority"),
        ("duplicates:\n  rehydrate: [[9, 2], [3, 1]]\n", "rising numbers of documents"),
        ("duplicates:\n  documents_per_group: 2\n  soft_exponent: 0.5\n", "choose one of documents_per_group"),
        ("history:\n  path: out\n", "history.path and output.path must be two folders"),
        ("history:\n  path: past\nnear:\n  groups: components\n", "history needs near.verify: signatures"),
        ("history:\n  path: past\nduplicates:\n  documents_per_group: 2\n", "one document per group"),
    ],
)
def test_settings_on_duplicates_that_contradict_each_other_are_named(write, section: str, message: str) -> None:
    text = f"input:\n  sources:\n    - path: in/*.jsonl\noutput:\n  path: out\n{section}"
    with pytest.raises(ConfigError, match=re.escape(message)):
        load_config(write(text))
