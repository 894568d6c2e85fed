"""What decides a step's result names its folder."""

from __future__ import annotations

from dataclasses import replace

from curator.steps.step import Step


def chain(count: int, **changed: object) -> Step:
    """The last of so many steps, each given all before it; the first has settings of its own."""
    steps: tuple[Step, ...] = ()
    for number in range(count):
        settings = changed if number == 0 else {}
        steps = (*steps, Step(name=f"step{number}", version=1, settings=settings, work=lambda job: None, inputs=steps))
    return steps[-1]


def test_a_name_follows_settings_version_and_inputs_however_far_up() -> None:
    last = chain(4)
    assert chain(4).folder_name == last.folder_name
    assert chain(4, seed=1).folder_name != last.folder_name
    assert replace(last, version=2).folder_name != last.folder_name
    assert replace(last, settings={"a": 1}).folder_name != last.folder_name


def test_the_name_of_a_step_behind_many_others_takes_no_time() -> None:
    """Computed anew for every use, that of the sixtieth would take 2^60 hashes."""
    assert chain(60).folder_name.startswith("steps/step59-")
