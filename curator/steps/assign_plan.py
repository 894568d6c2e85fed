"""What rephrasing is planned to cost: estimates for each document and strategy, the bounds on their sums, and `plan.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curator.algorithms.assignment_rates import Bound, Rates
from curator.config.rephrase import Rephrase
from curator.rephrase.strategy import Strategy
from curator.steps.survivors import total
from curator.store.step_folder import StepFolder
from curator.text.token_estimate import BYTES_PER_TOKEN

PLAN = "plan.json"
RATES = "rates.json"
MEASURES = ("requests", "input_tokens", "output_tokens", "tokens")
"""`tokens` are those of the synthetic document: of an answer that is appended, with the original that it comes after."""
SHARE, REQUESTS, TOKENS = "share", MEASURES.index("requests"), MEASURES.index("tokens")
PER_MILLION = 1e6

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def measures(strategy: Strategy, tokens: Integers) -> dict[str, Integers]:
    """MEASURES (n,) of documents of so many tokens (n,), each rephrased by a strategy.

    A request has the words of the prompt beside its part of the document.
    """
    sizes, place = np.unique(tokens, return_inverse=True)
    output = np.array([strategy.tokens_out_of(size) for size in sizes.tolist()], np.int64)[place]
    requests = np.array([strategy.parts_of(size) for size in sizes.tolist()], np.int64)[place]
    prompt = -(-len(strategy.prompt.encode()) // BYTES_PER_TOKEN)
    whole = output + tokens if strategy.appended else output
    return dict(zip(MEASURES, (requests, tokens + requests * prompt, output, whole), strict=True))


def bounds_of(rephrase: Rephrase, original_tokens: int) -> list[Bound]:
    """What MEASURES must keep: the share of synthetic tokens of the mix, and the limits that are set."""
    limits = rephrase.limits
    prices = [0.0, limits.input_price / PER_MILLION, limits.output_price / PER_MILLION, 0.0]
    asked = [
        (SHARE, [0.0, 0.0, 0.0, 1.0], original_tokens * rephrase.share / (1 - rephrase.share)),
        ("requests", [1.0, 0.0, 0.0, 0.0], limits.requests),
        ("tokens", [0.0, 1.0, 1.0, 0.0], limits.tokens),
        ("cost", prices, limits.cost),
    ]
    return [Bound(name=name, prices=np.array(price), limit=limit) for name, price, limit in asked if limit is not None]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The rates that all shards draw by, that of captions, and the tokens of the curated documents with their copies."""

    rates: Rates
    captions: float
    original_tokens: int

    def times(self, factor: float) -> Planned:
        """With rates so many times as high; that of captions where something limits it."""
        captions = self.captions if self.captions == 1.0 else min(1.0, self.captions * factor)
        return replace(self, rates=self.rates.times(factor), captions=captions)

    def write(self, folder: StepFolder) -> None:
        folder.write_bytes(RATES, json.dumps(asdict(self)).encode())

    @staticmethod
    def read(folder: StepFolder, name: str = RATES) -> Planned:
        """From `rates.json`, or from `plan.json`, where they are final."""
        told = json.loads(folder.read_bytes(name))
        return Planned(rates=Rates(**told["rates"]), captions=told["captions"], original_tokens=told["original_tokens"])


def totals(sums: pa.Table) -> Floats:
    """MEASURES (m,) of all rows together."""
    return np.array([total(sums[name]) for name in MEASURES], np.float64)


def plan_of(planned: Planned, sums: pa.Table, rephrase: Rephrase, strategies: Sequence[Strategy]) -> dict[str, Any]:
    """What `plan.json` says, from the sums of what is drawn: columns strategy, documents, assigned and MEASURES."""
    drawn = {row["strategy"]: row for row in sums.to_pylist()}
    nothing = dict.fromkeys(("assigned", *MEASURES), 0)
    rows = [{name: drawn.get(number, nothing)[name] for name in nothing} for number in range(len(strategies))]
    whole = {name: sum(row[name] for row in rows) for name in nothing}
    return {
        **asdict(planned),
        "asked_share": rephrase.share,
        "share": whole["tokens"] / max(1, whole["tokens"] + planned.original_tokens),
        "documents": sum(row["documents"] for row in drawn.values()),
        **whole,
        "cost": _cost(whole, rephrase),
        "strategies": {
            strategy.name: {
                **row,
                "cost": _cost(row, rephrase),
                "share": row["tokens"] / max(1, whole["tokens"]),
            }
            for strategy, row in zip(strategies, rows, strict=True)
        },
    }


def _cost(row: dict[str, int], rephrase: Rephrase) -> float:
    limits = rephrase.limits
    cost = row["input_tokens"] * limits.input_price + row["output_tokens"] * limits.output_price
    return round(cost / PER_MILLION, 6)


def shortcoming(plan: dict[str, Any], rephrase: Rephrase) -> tuple[str, ...]:
    """One sentence, where something else than the share itself keeps synthetic text below it, or captions from being expanded."""
    limited_by, share = plan["rates"]["limited_by"], f"{plan['share']:.1%} of the tokens"
    if plan["captions"] < 1.0:
        return (f"rephrase.limits leave room for {plan['captions']:.1%} of the captions, and for no other text",)
    only_captions = plan["assigned"] and not plan["rates"]["rate"]
    if limited_by == SHARE or only_captions:
        return ()
    asked = f"not the {rephrase.share:.1%} of rephrase.share"
    if limited_by:
        return (f"rephrase.limits.{limited_by} leaves room for synthetic text of {share}, {asked}",)
    variants = f"rephrase.choice.variants ({rephrase.choice.variants}) times"
    return (f"all documents that a strategy applies to, {variants} each, give synthetic text of {share}, {asked}",)
