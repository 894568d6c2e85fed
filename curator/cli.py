"""The command line: `curator run`, `curator dedup`, `curator plan`, `curator explain`, `curator evaluate`, `curator sample`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from curator.config import Config, load_config
from curator.errors import CuratorError

COMMANDS = {
    "run": "curate; resumes what a killed run left",
    "dedup": "only drop duplicates: texts are not changed, and nothing else is judged; resumes what a killed run left",
    "plan": "show the steps of a run and what of them is done; touches nothing",
    "evaluate": "train small language models on each of some corpora and compare them; goes on where it was stopped",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 only when everything reconciled, 1 after one clear sentence, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sample":
            return _sample(options.out)
        if options.command == "explain":
            return _explain(options.output, options.doc_id)
        if options.command == "evaluate":
            return _evaluate(options.config, options.set)
        config = load_config(options.config, options.set)
        if options.command == "plan":
            return _plan(config, only_dedup=options.dedup)
        return run_config(config, only_dedup=options.command == "dedup")
    except CuratorError as error:
        print(f"curator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("curator: stopped; the same command goes on where it was", file=sys.stderr)
        return 130


def run_config(config: Config, *, only_dedup: bool) -> int:
    """Run and print the funnel."""
    from curator.report.alarms import source_alarms
    from curator.report.console import Progress, funnel_table, outcome
    from curator.report.run_json import READER
    from curator.run import run

    funnel = run(config, Progress(), only_dedup=only_dedup)
    print(funnel_table(funnel))
    for report in funnel.steps:
        for note in report.notes:
            print(f"{'skipped' if report.name == READER else report.name}: {note}", file=sys.stderr)
    for alarm in source_alarms(funnel, config.duplicates.source_alarm):
        print(f"alarm: {alarm}", file=sys.stderr)
    out = config.output.path.rstrip("/")
    print(f"\n{outcome(funnel)}")
    print(f"curated shards: {out}/curated    ledger: {out}/ledger    report: {out}/run.json")
    return 0


def _evaluate(path: str, settings: Sequence[str]) -> int:
    from curator.config.evaluation import load_evaluation
    from curator.evaluation.run import REPORT, evaluate
    from curator.report.evaluation_text import evaluation_text

    config = load_evaluation(path, settings)
    print(evaluation_text(evaluate(config, lambda what, done, of: print(f"{done} of {of}  {what}", file=sys.stderr))))
    print(f"\nreport: {config.output.path.rstrip('/')}/{REPORT}    pictures: curves-*.png, curves-*.svg")
    return 0


def _plan(config: Config, *, only_dedup: bool) -> int:
    from curator.plan import plan
    from curator.report.plan_text import plan_text

    print(plan_text(plan(config, only_dedup=only_dedup)))
    return 0


def _explain(output: str, doc_id: int) -> int:
    from curator.report.explain import explain
    from curator.store.files import Folder

    print(explain(Folder(output), doc_id))
    return 0


def _sample(out: str) -> int:
    from curator.sample import write_sample

    print("\n".join(write_sample(out).lines()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("config", help="a YAML file")
        add_set_option(command)
        if name == "plan":
            command.add_argument("--dedup", action="store_true", help="the steps of `curator dedup` instead")
    story = commands.add_parser("explain", help="what became of one document, and why")
    story.add_argument("doc_id", type=int, help="its number in the ledger")
    story.add_argument("--output", required=True, help="the output of a finished run")
    sample = commands.add_parser("sample", help="make a corpus from what is installed on this machine")
    sample.add_argument("out", help="the folder to write")
    return parser


def add_set_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="key.path=value", help="override one value of the YAML file"
    )


if __name__ == "__main__":
    sys.exit(main())
