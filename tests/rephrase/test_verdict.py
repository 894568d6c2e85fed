from __future__ import annotations

from collections import Counter

import pytest

from curator.config.engines import HttpEngine
from curator.config.rephrase import Checks, Rephrase
from curator.rephrase.strategy import Strategy, load_strategies
from curator.rephrase.verdict import Verdict, verdict, verdicts
from tests.rephrase.labelled_rewrites import FAITHFUL, PARTS, Case, cases, part

STRATEGIES = {one.name: one for one in load_strategies(Rephrase(http=HttpEngine(url="http://none", model="none")))}
EASY = STRATEGIES["easy"]
DEFAULT = Checks()
CERTAIN = (
    "number changed",
    "name swapped",
    "invented, plain",
    "invented, with a number",
    "invented, with a name",
    "echo",
    "language changed",
)
"""Kinds of fault of which every one of the developed part is found, and 95 in 100 of the others."""
LIKELY = {"negation added": 0.65, "negation removed": 0.55, "invented, of the source's words": 0.7}
"""The share of other kinds that is found: what only a reader who understands would tell is among them."""
SOURCE = (
    "The bridge of Altenau was built in 1896 by Heinrich Vollmer. It is 214 metres long and was not destroyed in the war. "
    "Lorries of more than 7 tonnes may not cross it, and about 9,437 cars use it every day."
)
FAITHFUL_ANSWER = (
    "Heinrich Vollmer built the bridge of Altenau in 1896. It has a length of 214 metres. The war did not destroy it. "
    "Every day about 9,437 cars use the bridge, but lorries of more than 7 tonnes may not."
)
GERMAN = "Die Brücke von Altenau wurde im Jahr 1896 gebaut und ist 214 Meter lang. Im Krieg wurde sie nicht zerstört."


def judged(labelled: list[Case]) -> list[Verdict]:
    return verdicts(
        [case.source for case in labelled],
        [case.answer for case in labelled],
        strategies=[STRATEGIES[case.strategy] for case in labelled],
        checks=Checks(),
        languages=[case.language for case in labelled],
    )


def reason(answer: str, *, strategy: Strategy = EASY, source: str = SOURCE, checks: Checks = DEFAULT) -> str | None:
    return verdict(source, answer, strategy=strategy, checks=checks, language="en").reason


@pytest.fixture(scope="module")
def found() -> list[tuple[Case, Verdict]]:
    labelled = cases()
    return list(zip(labelled, judged(labelled), strict=True))


def test_the_labelled_set_has_every_kind_of_fault_many_times(found: list[tuple[Case, Verdict]]) -> None:
    kinds = Counter(case.fault for case, _ in found)
    assert kinds.total() >= 700
    assert min(kinds.values()) >= 20


def test_at_most_one_faithful_rewrite_in_twenty_is_rejected(found: list[tuple[Case, Verdict]]) -> None:
    alarms = [one.reason for case, one in found if case.fault == FAITHFUL]
    assert len(alarms) >= 100
    assert sum(alarm is not None for alarm in alarms) <= 0.05 * len(alarms), alarms


@pytest.mark.parametrize("fault", CERTAIN)
def test_planted_faults_are_found(found: list[tuple[Case, Verdict]], fault: str) -> None:
    of_fault = [(part(case), one.reason is None) for case, one in found if case.fault == fault]
    missed, total = Counter(where for where, one in of_fault if one), Counter(where for where, _ in of_fault)
    assert missed[PARTS[0]] == 0
    assert missed.total() <= 0.05 * (total.total() - total[PARTS[0]])


@pytest.mark.parametrize("fault", LIKELY)
def test_most_flipped_negations_and_lies_of_the_words_of_the_source_are_found(
    found: list[tuple[Case, Verdict]], fault: str
) -> None:
    caught = [one.reason is not None for case, one in found if case.fault == fault]
    assert sum(caught) >= LIKELY[fault] * len(caught)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (FAITHFUL_ANSWER, None),
        ("It is long.", "too_short"),
        (FAITHFUL_ANSWER * 3, "too_long"),
        (SOURCE, "near_source"),
        (SOURCE.replace("It is", "It is indeed"), "near_source"),
        (GERMAN, "language_changed"),
        (FAITHFUL_ANSWER.replace("214", "241"), "foreign_number"),
        (FAITHFUL_ANSWER.replace("of Altenau", "of Neustadt"), "foreign_name"),
        (FAITHFUL_ANSWER.replace("did not destroy", "did destroy"), "negation"),
        (FAITHFUL_ANSWER + " Painters admired the colourful evening reflections.", "unsupported"),
        ("The bridge of Altenau is long. Cars use the bridge every day. It was not destroyed in the war.", "key_facts_lost"),
    ],
)  # fmt: skip
def test_each_fault_has_its_reason(answer: str, expected: str | None) -> None:
    assert reason(answer) == expected


def test_a_lie_of_the_words_of_the_source_has_its_reason_and_its_switch() -> None:
    source = SOURCE + " Painters visit the town in May. Since 1931 a ferry has carried wool to the market."
    answer = FAITHFUL_ANSWER + " In May the painters come, and since 1931 wool goes to the market by ferry."
    lie = answer + " Painters of Altenau destroyed the ferry and the lorries."
    assert reason(answer, source=source) is None
    assert reason(lie, source=source) == "unbound"
    assert reason(lie, source=source, checks=Checks(bindings=False)) is None


def test_an_accepted_rewrite_says_how_much_of_it_the_source_supports() -> None:
    accepted = verdict(SOURCE, FAITHFUL_ANSWER, strategy=EASY, checks=Checks(), language="en")
    assert accepted.reason is None
    assert 0.6 < accepted.supported <= 1.0


def test_an_appended_answer_may_repeat_the_source() -> None:
    appended = EASY.model_copy(update={"appended": True})
    assert reason(SOURCE, strategy=appended) is None


def test_an_exercise_may_compute() -> None:
    exercise = EASY.model_copy(update={"style": "exercise", "key_facts": 0.0})
    answer = (
        "The bridge of Altenau is 214 metres long. How long are 7 such bridges? They are 7 * 214 = 1,498 metres long."
    )
    assert reason(answer) == "foreign_number"
    assert reason(answer, strategy=exercise) is None


def test_what_is_switched_off_is_not_checked() -> None:
    off = Checks(numbers=False, names=False, negations=False, bindings=False, language=False, supported_share=0.0)
    assert reason(FAITHFUL_ANSWER.replace("214", "241").replace("did not", "did"), checks=off) is None


def test_an_unknown_language_is_that_of_the_source() -> None:
    assert verdict(SOURCE, GERMAN, strategy=EASY, checks=Checks(), language=None).reason == "language_changed"


def test_a_batch_is_judged_as_each_of_its_pairs_alone() -> None:
    labelled = cases()[::23]
    alone = [
        verdict(case.source, case.answer, strategy=STRATEGIES[case.strategy], checks=Checks(), language=case.language)
        for case in labelled
    ]
    assert judged(labelled) == alone
