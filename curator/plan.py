"""Lays out a run: lists the input, brings the registry up to date, names the steps. Touches nothing."""

from __future__ import annotations

from dataclasses import dataclass

from curator.config import Config
from curator.pipeline import build_dedup_pipeline, build_pipeline
from curator.preflight import check_selection, check_setup
from curator.readers.listing import InputFile, list_input
from curator.readers.registry import Registry, load_registry
from curator.steps import remember
from curator.steps.step import Step
from curator.store.files import Folder
from curator.store.history import History
from curator.store.step_folder import StepFolder


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run would do: its input, its output and its steps."""

    config: Config
    output: Folder
    registry: Registry
    steps: tuple[Step, ...]

    def folder(self, step: Step) -> StepFolder:
        return StepFolder(self.output / step.folder_name, step.manifest)


def plan(config: Config, *, only_dedup: bool = False) -> Plan:
    """List the input and lay out the steps, of which `only_dedup` leaves those that find duplicates.

    Touches nothing; raises ConfigError or InputError where a run cannot work.
    """
    check_setup(config)
    if not only_dedup:
        check_selection(config)
    output = Folder(config.output.path)
    registry = load_registry(output, list_files(config), unit_bytes=config.shards.unit_bytes)
    build = build_dedup_pipeline if only_dedup else build_pipeline
    history = history_of(config)
    steps = build(config, registry, history)
    if history is not None:
        (remembered,) = (step for step in steps if step.name == "remember")
        history.check_output(output.uri, remembered.digest)
    return Plan(config=config, output=output, registry=registry, steps=steps)


def history_of(config: Config) -> History | None:
    """The earlier nights that this run is checked against, where the configuration names a history."""
    if config.history is None:
        return None
    settings = remember.index_settings(config.near, config.exact)
    return History.open(Folder(config.history.path)).before(config.output.path, settings)


def list_files(config: Config) -> list[InputFile]:
    """All input files, in the order of the sources; a file named by two sources counts for the first."""
    found = [
        file
        for source in config.input.sources
        for file in list_input(
            source.path,
            source=source.name,
            format=source.format,
            split=source.split,
            text_field=source.text_field,
            url_field=source.url_field,
        )
    ]
    first: dict[str, InputFile] = {}
    for file in found:
        first.setdefault(file.path, file)
    return list(first.values())
