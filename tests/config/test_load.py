"""A wrong configuration is one clear message with file, line and the nearest valid key."""

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
    assert config.near.rows == 8
    assert config.input.on_bad_file == "fail"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (GOOD.replace("bands", "band"), r"c.yaml:7: unknown key near.band; did you mean bands\?"),
        (GOOD.replace("bands: 20", "bands: many"), r"c.yaml:7: near.bands: .*integer.*many"),
        (GOOD.replace("bands: 20", "bands: '20'"), r"c.yaml:7: near.bands: .*integer"),
        (GOOD.replace("bands: 20", "bands: 0"), r"c.yaml:7: near.bands: .*greater than or equal to 1"),
        (GOOD.replace("bands: 20", "min_similarity: 1.5"), r"c.yaml:7: near.min_similarity: .*less than or equal to 1"),
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
        write(GOOD), ["near.rows=9", "input.sources.0.path=other", "budgets.keep_share=0.5", "language=null"]
    )
    assert (config.near.bands, config.near.rows) == (20, 9)
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
