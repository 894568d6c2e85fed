"""`curator evaluate`: prepares the data, trains what is not trained yet as Ray tasks, compares, and writes the report."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ray

from curator.cluster import ray_cluster
from curator.config.evaluation import Evaluation
from curator.errors import ConfigError
from curator.evaluation.data import Data, prepare_corpus, prepare_tokenizer
from curator.evaluation.results import Evaluation as Report
from curator.evaluation.results import RunResult
from curator.evaluation.summary import summarise
from curator.evaluation.training import Run, planned, train_run
from curator.report.evaluation_picture import evaluation_pictures
from curator.report.run_json import versions
from curator.store.files import Folder
from curator.store.lock import OutputLock

REPORT = "evaluation.json"
BOOTSTRAP_SEED = 1
MAX_RETRIES = 3
Watch = Callable[[str, int, int], None]
"""What was done last, how many runs are done, and how many there are."""


def evaluate(config: Evaluation, watch: Watch) -> Report:
    """Train on every corpus and compare. Safe to call again after any kill: finished runs are read, not made again."""
    check_packages(config)
    output = Folder(config.output.path)
    data = Data.of(config, output / "data")
    runs = list(planned(config, data))
    with OutputLock(output):
        done = (output / "runs").names(".json")
        undone = [run for run in runs if run.name not in done]
        if undone or data.missing():
            with ray_cluster(config.resources):
                _prepare(config, data, watch)
                for number, name in enumerate(_trained(undone, output), start=len(runs) - len(undone) + 1):
                    watch(name, number, len(runs))
        results = [_result(output, run) for run in runs]
        return write_report(config, results, {name: data.removed(name) for name in config.corpora}, output)


def check_packages(config: Evaluation) -> None:
    """Raises ConfigError, with the mend, where a package is missing."""
    needed = ("torch", "tokenizers", "matplotlib", *(["transformers"] if config.tokenizer.path else []))
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"evaluate needs {' and '.join(missing)}: pip install 'curator[evaluate]'")


def write_report(config: Evaluation, results: Sequence[RunResult], removed: dict[str, Any], output: Folder) -> Report:
    """Write `evaluation.json` and a picture for each model size."""
    gating = [name for name, held in config.heldout.items() if held.gates]
    report: Report = {**summarise(results, config.baseline, gating, BOOTSTRAP_SEED), "overlap": removed}
    content = {
        **report,
        "config": config.model_dump(),
        "versions": versions(),
        "runs": [result.to_json() for result in results],
    }
    output.put(REPORT, json.dumps(content, indent=1).encode())
    by_model = defaultdict(list)
    for result in results:
        by_model[result.model].append(result)
    for model, of in by_model.items():
        for kind, picture in evaluation_pictures(of, config.baseline, gating).items():
            output.put(f"curves-{model}.{kind}", picture)
    return report


def _prepare(config: Evaluation, data: Data, watch: Watch) -> None:
    """In tasks: a corpus may be more than the driver should hold."""
    missing = data.missing()
    ray.get(_task(prepare_tokenizer).remote(config, data))
    for number, corpus in enumerate(missing, start=1):
        if data.removed(corpus) is None:  # the baseline may come with the tokenizer
            ray.get(_task(prepare_corpus).remote(config, data, corpus))
        watch(f"tokens of {corpus}", number, len(missing))


def _task(function: Callable[..., None]) -> Any:
    return ray.remote(num_cpus=1, max_retries=MAX_RETRIES)(function)


def _trained(runs: Sequence[Run], output: Folder) -> Iterator[str]:
    """Train all runs, each in a task of its own, on a GPU where the cluster has any; the names as they end."""
    on_gpu = ray.cluster_resources().get("GPU", 0) > 0  # type: ignore[no-untyped-call]
    cpus = 1 if on_gpu or not runs else runs[0].config.training.threads
    task = ray.remote(max_retries=MAX_RETRIES, max_calls=1, num_cpus=cpus, num_gpus=int(on_gpu))(_train_and_write)
    waiting = {task.remote(run, output, "cuda" if on_gpu else "cpu"): run for run in runs}
    while waiting:
        (done, *_), _ = ray.wait(list(waiting))
        run, bits = waiting.pop(done), ray.get(done)
        yield f"{run.corpus}, {run.model}, seed {run.seed}: {bits:.4f} bits per byte"


def _train_and_write(run: Run, output: Folder, device: str) -> float:
    """The mean of bits per byte over the gating sets at the end."""
    result = train_run(run, device)
    output.put(f"runs/{run.name}", json.dumps(result.to_json()).encode())
    scores = result.points[-1].bits_per_byte
    gating = [scores[name] for name, held in run.config.heldout.items() if held.gates]
    return sum(gating) / len(gating)


def _result(output: Folder, run: Run) -> RunResult:
    content = output.get(f"runs/{run.name}")
    assert content is not None, f"{run.name} was trained"
    return RunResult.from_json(json.loads(content))
