"""Numbers of an answer that its source does not have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, localcontext

from curator.text.numbers import agrees
from curator.text.spoken_numbers import Number

_HEDGE = re.compile(
    r"(?:about|around|roughly|nearly|almost|approximately|some|over|under|than|least|most|close to|up to|just|~|≈"
    r"|etwa|rund|circa|ca\.|fast|knapp|ungefähr|environ|près de|presque|unos|unas|casi|cerca de|aproximadamente|circa|quasi)"
    r"\s*[$€£¥]?$",
    re.IGNORECASE,
)
_LONGEST_HEDGE = 18
MOST_OPERANDS = 64
"""Numbers that may be computed with: each new number is tried against all of them."""


def foreign_number(
    source: Sequence[Number], answer: Sequence[Number], text: str, *, computes: bool
) -> tuple[Number | None, int]:
    """The first number of the answer (of `text`) that the source does not have, and how many there are.

    A number agrees with one of equal value unless both have kinds that differ. A rounded one may be said with a word like
    `about`. If the answer `computes`, the result of + - * / of two numbers of the source or of the answer's own allowed ones
    is allowed, also as a percentage and rounded.
    """
    known = dict[Decimal, set[str]]()
    for number in source:
        known.setdefault(number.value, set()).add(number.kind)
    foreign = []
    for number in sorted(answer, key=lambda one: one.start):
        if number.hint or agrees(number.kind, known.get(number.value, set())) or _rounded(number, known, text):
            continue
        if computes and _computed(number.value, list(known)[:MOST_OPERANDS]):
            known.setdefault(number.value, set()).add("")
            continue
        foreign.append(number)
    return (foreign[0] if foreign else None), len(foreign)


def _rounded(number: Number, known: dict[Decimal, set[str]], text: str) -> bool:
    """Whether it is said to be about what a number of its kind in the source is, rounded up or down to as many digits."""
    if not _HEDGE.search(text, max(0, number.start - _LONGEST_HEDGE), number.start) or not number.value:
        return False
    _, _, exponent = number.value.normalize().as_tuple()
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(exponent)
    far = [
        value for value in known if abs(value - number.value) < unit and abs(value - number.value) * 10 <= number.value
    ]
    return any(number.kind in known[value] for value in far)


def _computed(value: Decimal, operands: list[Decimal]) -> bool:
    """Whether the value, or a hundredth of it, is a + b, a - b, a * b or a / b, as exactly as it is written."""
    _, _, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    slack = Decimal(1).scaleb(min(exponent, 0)) / 2 if exponent < 0 else Decimal("0.005")
    with localcontext() as context:
        context.prec = 40
        for scale in (Decimal(1), Decimal(100)):
            for first in operands:
                others = [value / scale - first, first - value / scale]
                others += [value / scale / first, value / scale * first] if first else []
                others += [first / (value / scale)] if value else []
                for other in others:
                    if any(
                        abs(other - second) * max(scale, abs(first), Decimal(1)) <= slack
                        for second in _near(other, operands)
                    ):
                        return True
    return False


def _near(value: Decimal, operands: list[Decimal]) -> list[Decimal]:
    return [operand for operand in operands if abs(operand - value) <= abs(value) / 50 + Decimal("0.01")]
