"""Curves of an evaluation as pictures: tokens against the macro bits per byte, a line a corpus."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from curator.algorithms.comparison import macro
from curator.config.evaluation import AGAIN, CONTROLS, COPIED
from curator.evaluation.results import Point, RunResult

Floats = npt.NDArray[np.float64]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#5D3A9B")
"""Okabe and Ito's palette, told apart by colour-blind readers; brown and violet for its yellow, too pale for lines."""
BASELINE, CONTROL = "#222222", "#8A8A8A"
_MARKS = "sD^vPXo"
_LEGEND = (
    "marks and lines: whole schedules, mean and range of seeds; dotted: on the way, before the learning rate decays"
)
_GAP = 0.045
"""Labels stand this share of the height apart."""


def evaluation_pictures(results: Sequence[RunResult], baseline: str, gating: Sequence[str]) -> dict[str, bytes]:
    """The picture of one model's runs as `png` and `svg`; the same runs give the same bytes with the same matplotlib.

    Marks are the results of whole schedules, their band the range of seeds; the dotted line is the trunk, where the learning
    rate has not decayed; dashed across, the baseline's final score. Needs matplotlib; ImportError without it.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a matplotlibrc of the user's would change the bytes
        matplotlib.rcParams.update({"svg.hashsalt": "curator", "text.parse_math": False})
        figure = Figure(figsize=(9, 5.5), layout="constrained")
        FigureCanvasAgg(figure)
        _draw(figure.add_subplot(), results, baseline, gating)
        return {
            "png": _saved(figure, "png", {"Software": None}),
            "svg": _saved(figure, "svg", {"Date": None, "Creator": None}),
        }


def _saved(figure: Any, kind: str, metadata: dict[str, None]) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=160, metadata=metadata)
    return buffer.getvalue()


def _draw(axes: Any, results: Sequence[RunResult], baseline: str, gating: Sequence[str]) -> None:
    assert any(run.corpus == baseline for run in results), f"no run of the baseline {baseline}"
    names = list(dict.fromkeys([baseline, *(run.corpus for run in results)]))
    by_corpus = {name: [run for run in results if run.corpus == name] for name in names}
    styles = _styles(names, baseline)
    ends = {name: _line(axes, runs, gating, styles[name]) for name, runs in by_corpus.items()}
    _limit(axes, by_corpus, gating)
    _trunks(axes, by_corpus, gating, styles)
    axes.axhline(ends[baseline], color=BASELINE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    _label(axes, ends, styles)
    model = results[0]
    title = f"{model.model}, {model.parameters:,} parameters, {len(by_corpus[baseline])} seeds"
    axes.set_title(title, loc="left", pad=20)
    axes.annotate(_LEGEND, (0, 1), (0, 6), "axes fraction", "offset points", fontsize=8, color="#555555")
    axes.set_xlabel("tokens of training")
    axes.set_ylabel(f"bits per byte, mean of {', '.join(gating) if len(gating) <= 4 else f'{len(gating)} sets'}")
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="#E6E6E6", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _styles(names: Sequence[str], baseline: str) -> dict[str, dict[str, Any]]:
    """Black for the baseline, grey for what only checks the evaluation, colours for the rest."""
    special: dict[str, dict[str, Any]] = {
        baseline: {"color": BASELINE, "marker": "o"},
        COPIED: {"color": CONTROL, "marker": "x", "linestyle": (0, (2, 2))},
        AGAIN: {"color": CONTROL, "marker": "+", "linestyle": (0, (6, 2))},
    }
    others = [name for name in names if name not in special]
    return special | {
        name: {"color": COLOURS[place % len(COLOURS)], "marker": _MARKS[(place + place // len(COLOURS)) % len(_MARKS)]}
        for place, name in enumerate(others)
    }


def _scores(points: Sequence[Sequence[Point]], gating: Sequence[str]) -> Floats:
    """The macro average (runs, points)."""
    return macro(np.array([[[point.bits_per_byte[name] for name in gating] for point in of] for of in points]))


def _tokens(points: Sequence[Point]) -> list[int]:
    return [point.tokens for point in points]


def _line(axes: Any, runs: Sequence[RunResult], gating: Sequence[str], style: dict[str, Any]) -> float:
    """Draw the budgets' results, mean and band, and return the last mean."""
    tokens, scores = _tokens(runs[0].points), _scores([run.points for run in runs], gating)
    mean = scores.mean(axis=0)
    axes.fill_between(tokens, scores.min(axis=0), scores.max(axis=0), color=style["color"], alpha=0.13, linewidth=0)
    axes.plot(tokens, mean, linewidth=1.8, markersize=6, zorder=3, **style)
    return float(mean[-1])


def _limit(axes: Any, by_corpus: dict[str, list[RunResult]], gating: Sequence[str]) -> None:
    """Show what the budgets span: the first evaluations of a trunk are several bits above."""
    import matplotlib.ticker as ticker

    runs = [run for of in by_corpus.values() for run in of]
    tokens = np.concatenate([_tokens(run.points) for run in runs])
    scores = np.concatenate([_scores([run.points], gating)[0] for run in runs])
    room = max(float(np.ptp(scores)), 0.01) * 0.08
    axes.set_ylim(scores.min() - room, scores.max() + room)
    axes.set_xscale("log")
    axes.set_xlim(tokens.min() / 1.15, tokens.max() * 1.02)
    axes.xaxis.set_major_locator(ticker.FixedLocator(np.unique(tokens).tolist()))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda tokens, _: _short(tokens)))
    axes.xaxis.set_minor_locator(ticker.NullLocator())


def _short(tokens: float) -> str:
    for unit, name in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if tokens >= unit:
            return f"{tokens / unit:.3g}{name}"
    return f"{tokens:.3g}"


def _trunks(
    axes: Any, by_corpus: dict[str, list[RunResult]], gating: Sequence[str], styles: dict[str, dict[str, Any]]
) -> None:
    for name, runs in by_corpus.items():
        if runs[0].curve and name not in CONTROLS:
            mean = _scores([run.curve for run in runs], gating).mean(axis=0)
            colour = styles[name]["color"]
            axes.plot(_tokens(runs[0].curve), mean, color=colour, linewidth=1, linestyle=":", alpha=0.6, zorder=2)


def _label(axes: Any, ends: dict[str, float], styles: dict[str, dict[str, Any]]) -> None:
    """Each corpus by its line's end, moved apart where ends are close."""
    low, high = axes.get_ylim()
    places = _apart([(end - low) / (high - low) for end in ends.values()], _GAP)
    for (name, end), place in zip(ends.items(), places, strict=True):
        axes.annotate(
            f"{name}  {end:.3f}", xy=(1, end), xycoords=axes.get_yaxis_transform(), xytext=(1.04, place),
            textcoords="axes fraction", color=styles[name]["color"], va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": styles[name]["color"], "linewidth": 0.6, "relpos": (0, 0.5), "shrinkB": 0},
        )  # fmt: skip


def _apart(places: Sequence[float], gap: float) -> list[float]:
    """The places moved as little as need be so that neighbours are `gap` apart, in the same order.

    Least squares: subtracting gap * rank leaves an isotonic regression, solved by pooling neighbours.
    """
    order = np.argsort(places, kind="stable")
    pools: list[tuple[float, int]] = []
    for rank, place in enumerate(order):
        pools.append((places[place] - gap * rank, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (first, few), (second, many) = pools[-2:]
            pools[-2:] = [((first * few + second * many) / (few + many), few + many)]
    level = np.repeat([mean for mean, _ in pools], [count for _, count in pools])
    moved = np.empty(len(order))
    moved[order] = level + gap * np.arange(len(order))
    return [float(place) for place in moved]
