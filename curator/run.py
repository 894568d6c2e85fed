"""Runs a plan: takes the lock, does what is undone step by step, reconciles, publishes, and writes `run.json`."""

from __future__ import annotations

import time

from curator.cluster import ray_cluster
from curator.config import Config
from curator.models.tokenizer_files import TOKENIZER_CONFIG
from curator.plan import Plan, plan
from curator.preflight import check_key
from curator.publish import publish
from curator.readers.registry import save_registry
from curator.reconcile import LEDGER_STEPS, Funnel, reconcile
from curator.report.run_json import write_run_json
from curator.steps.assign_plan import PLAN
from curator.steps.blend import BLEND
from curator.steps.concept_files import CONCEPTS, MIXTURE
from curator.steps.decontaminate import SUMMARY
from curator.steps.order_files import ORDER
from curator.steps.quality_report import QUALITY
from curator.steps.step import Event, Job, Step, Watch
from curator.steps.tokenize import TOKENIZER
from curator.steps.verify import REPORT
from curator.store.files import Folder
from curator.store.history_publish import publish_night
from curator.store.lock import OutputLock


def run(config: Config, watch: Watch, *, only_dedup: bool = False) -> Funnel:
    """Curate, or only look for duplicates. Returns the reconciled funnel; raises a CuratorError otherwise.

    Safe to call again after any kill.
    """
    started = time.time()
    laid_out = plan(config, only_dedup=only_dedup)
    with OutputLock(laid_out.output):
        save_registry(laid_out.output, laid_out.registry)
        undone = {step.name for step in laid_out.steps if laid_out.folder(step).manifest() is None}
        if undone:
            with ray_cluster(config.resources):
                if config.rephrase is not None and "rephrase" in undone:
                    check_key(config.rephrase)
                for step in laid_out.steps:
                    do_step(laid_out, step, watch)
        ended = time.time()
        funnel = reconcile(laid_out.steps, laid_out.folder)
        folders = {step.name: laid_out.folder(step) for step in laid_out.steps}
        counted = folders.get("rebalance")
        summaries = {
            CONCEPTS: counted,
            MIXTURE: counted,
            SUMMARY: folders.get("decontaminate"),
            QUALITY: folders.get("quality"),
            PLAN: folders.get("assign"),
            REPORT: folders.get("verify"),
            BLEND: folders.get("blend"),
            ORDER: folders.get("order"),
            TOKENIZER: folders.get("tokenize"),
            TOKENIZER_CONFIG: folders.get("tokenize"),
        }
        if config.history is not None:
            publish_night(Folder(config.history.path), folders["remember"], laid_out.output.uri)
        tables = {"curated": laid_out.folder(laid_out.steps[-1]), "ledger": folders[LEDGER_STEPS[only_dedup]]}
        published = publish(laid_out.output, tables, summaries)
        write_run_json(laid_out.output, config, funnel, published, {"started": started, "ended": ended})
    return funnel


def do_step(laid_out: Plan, step: Step, watch: Watch) -> None:
    """Do what is left of a step; a finished one is left alone."""
    folder = laid_out.folder(step)
    if folder.manifest() is not None:
        return
    job = Job(
        step=step,
        folder=folder,
        inputs={given.name: laid_out.folder(given) for given in step.inputs},
        exchange_bytes=laid_out.config.resources.exchange_bytes,
        watch=watch,
        commits=folder.committed(),
    )
    step.work(job)
    folder.finish(list(job.commits.values()))
    watch(Event(step=step.name, done=len(job.commits), expected=len(job.commits), finished=True))
