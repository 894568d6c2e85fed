"""A run is a list of steps. A step is its settings, its inputs and one function; its folder is named after their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from curator.store.step_folder import Commit, StepFolder


@dataclass(frozen=True, kw_only=True)
class Step:
    """`settings` and `version` decide the result; `version` goes up when the code changes what it gives.

    `work` does the undone part of the step. `manifest` differs for the one step whose folder grows from night to night.
    """

    name: str
    settings: Mapping[str, Any]
    version: int
    work: Callable[[Job], None]
    inputs: tuple[Step, ...] = ()
    manifest: str = "manifest.json"

    @cached_property
    def digest(self) -> str:
        """Hash of what decides the result: settings, code version and, through their digests, all inputs.

        Cached, for the inputs of a step are all steps before it: computed anew, each would double the time.
        """
        decides = [self.name, self.version, self.settings, [step.digest for step in self.inputs]]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def folder_name(self) -> str:
        return f"steps/{self.name}-{self.digest}"


@dataclass(frozen=True, kw_only=True)
class Event:
    """A step has `done` of the `expected` commits of what it is at now; `finished` when all of it is done."""

    step: str
    done: int
    expected: int
    finished: bool = False


Watch = Callable[[Event], None]


@dataclass(kw_only=True)
class Job:
    """One step at work: its own folder, those of its inputs, the commits it has, and whoever watches them come in."""

    step: Step
    folder: StepFolder
    inputs: Mapping[str, StepFolder]
    exchange_bytes: int
    watch: Watch
    commits: dict[str, Commit] = field(default_factory=dict)

    def add(self, commit: Commit, expected: int) -> None:
        """Take in a commit that a worker made; `expected` is about how many the step will have in the end."""
        self.commits[commit.name] = commit
        self.watch(Event(step=self.step.name, done=len(self.commits), expected=expected))
