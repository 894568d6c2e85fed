"""How many tokens each group of documents is to give, and the rate at which that repeats every document of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curator.algorithms.rebalance import fill_parts, mixture_parts, quality_ranks, rank_means, temperature_parts
from curator.algorithms.repetition import effective_tokens
from curator.config.concepts import Rebalance
from curator.steps.concept_files import MIXTURE
from curator.steps.rebalance_groups import added_up
from curator.steps.survivors import total
from curator.store.step_folder import Commit, StepFolder
from curator.store.tables import read_parquet, to_parquet

RATES = "rates.parquet"


def conclude_mixture(rows: pa.Table, *, folder: StepFolder, rebalance: Rebalance) -> Commit:
    """Write `mixture.parquet` and `rates.parquet` from the SUMS of all shards; what cannot be had as asked for is a note."""
    mixture, rates = mixture_of(rows, rebalance)
    folder.write_bytes(MIXTURE, to_parquet(mixture).to_pybytes())
    folder.write_bytes(RATES, to_parquet(rates).to_pybytes())
    asked = rebalance.tokens or total(rows["copied_tokens"])
    counts = {"groups": mixture.num_rows, "target_tokens": total(mixture["target_tokens"])}
    return Commit(name="mixture", shards=(), counts=counts, notes=shortcomings(mixture, asked, rebalance))


def shortcomings(mixture: pa.Table, asked: int, rebalance: Rebalance) -> tuple[str, ...]:
    """What the configuration asks for and the selected documents cannot give, a sentence each."""
    found = []
    if absent := sorted(set(rebalance.mixture) - set(mixture["name"].to_pylist())):
        found.append(f"rebalance.mixture names {', '.join(absent)}: no selected document has that {rebalance.by}")
    reached = total(mixture["target_tokens"])
    if reached < asked - mixture.num_rows:  # targets are rounded
        found.append(
            f"rebalance gives {reached:,} of {asked:,} tokens: every {rebalance.by} with a part is passed as often as "
            f"rebalance.max_passes ({rebalance.max_passes}) and rebalance.quality allow"
        )
    return tuple(found)


def mixture_of(sums: pa.Table, rebalance: Rebalance) -> tuple[pa.Table, pa.Table]:
    """The groups by name (tokens, target_tokens, passes, effective_tokens), and the `rate` of each (group, step of quality).

    `group` is the row in the first table. `passes` is how often a token of the group is seen; a rate multiplies the copies of
    `duplicates.rehydrate`. A group whose texts are empty keeps its documents once.
    """
    rows = added_up(sums)
    named = rows["name"].combine_chunks().dictionary_encode()
    group, names = named.indices.to_numpy().astype(np.int64), named.dictionary
    tokens, copied = rows["tokens"].to_numpy(), rows["copied_tokens"].to_numpy()
    group_tokens, group_copied = _by_group(group, tokens), _by_group(group, copied)
    target = _target_tokens(names.to_pylist(), group_copied, rebalance)
    rate = _rates(group, copied, _over(target, group_copied), rebalance)
    worth = _by_group(group, np.rint(effective_tokens(tokens, _over(rate * copied, tokens))).astype(np.int64))
    mixture = {
        "name": names,
        "tokens": group_tokens,
        "target_tokens": np.rint(target).astype(np.int64),
        "passes": _over(target, group_tokens),
        "effective_tokens": worth,
    }
    rates = {"group": group.astype(np.uint32), "step": rows["step"], "rate": rate}
    return pa.table(mixture), pa.table(rates)


def _target_tokens(names: list[str], tokens: npt.NDArray[np.int64], rebalance: Rebalance) -> npt.NDArray[np.float64]:
    dropped = rebalance.quality.drop_share if rebalance.quality else 0.0
    parts = _parts(names, tokens, rebalance)
    wanted = float(rebalance.tokens or tokens.sum())
    return fill_parts(tokens, parts, wanted, max_passes=rebalance.max_passes * (1.0 - dropped))


def _parts(names: list[str], tokens: npt.NDArray[np.int64], rebalance: Rebalance) -> npt.NDArray[np.float64]:
    if rebalance.method == "mixture":
        return mixture_parts(names, tokens, rebalance.mixture)
    if rebalance.method == "unimax":
        return np.full(len(tokens), 1.0 / max(1, len(tokens)))
    return temperature_parts(tokens, temperature=rebalance.temperature if rebalance.method == "temperature" else 1.0)


def _rates(
    group: npt.NDArray[np.int64],
    tokens: npt.NDArray[np.int64],
    group_rate: npt.NDArray[np.float64],
    rebalance: Rebalance,
) -> npt.NDArray[np.float64]:
    """The rate of each row of SUMS: that of its group, or by the curve of quality inside its group."""
    curve = rebalance.quality
    if curve is None:
        return group_rate[group]
    rates = np.ones(len(group))
    bounds = np.searchsorted(group, np.arange(len(group_rate) + 1))
    for place, passes in enumerate(group_rate.tolist()):
        rows = slice(bounds[place], bounds[place + 1])
        if tokens[rows].any():
            ranks = quality_ranks(
                passes, drop_share=curve.drop_share, exponent=curve.exponent, max_passes=rebalance.max_passes
            )
            rates[rows] = rank_means(tokens[rows], ranks)
    return rates


def _by_group(group: npt.NDArray[np.int64], values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    sums = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    np.add.at(sums, group, values)
    return sums


def _over(wanted: npt.NDArray[np.float64], tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How often tokens are seen; 1 where there are none."""
    return np.divide(wanted, tokens, out=np.ones(len(tokens)), where=tokens > 0)


def rates_of(
    folder: StepFolder, names: pa.Array, steps: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The group (its row in `mixture.parquet`) and the rate of each document, by the name of its group and its quality."""
    known_names = read_parquet(folder.folder, MIXTURE, ("name",))["name"].combine_chunks()
    rates = read_parquet(folder.folder, RATES)
    group = pc.index_in(names, known_names).to_numpy().astype(np.int64)
    known = rates["group"].to_numpy().astype(np.int64) << 8 | rates["step"].to_numpy()
    return group, rates["rate"].to_numpy()[np.searchsorted(known, group << 8 | steps)]


def passes_in_words(folder: StepFolder, group: npt.NDArray[np.int64], by: str) -> pa.Array:
    """How often the group of each document is passed: `theme 3: 0.41 passes`."""
    named, place = np.unique(group, return_inverse=True)
    rows = read_parquet(folder.folder, MIXTURE, ("name", "passes")).take(pa.array(named)).to_pylist()
    words = [f"{by} {row['name']}: {row['passes']:.2f} passes" for row in rows]
    return pa.array(words, pa.string()).take(pa.array(place))
