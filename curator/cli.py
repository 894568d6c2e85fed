"""The command line: `curator run`, `curator plan`, `curator sample`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from curator.config import Config, load_config
from curator.errors import CuratorError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 only when everything reconciled, 1 after one clear sentence, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sample":
            return _sample(options.out)
        config = load_config(options.config, options.set)
        return _plan(config) if options.command == "plan" else run_config(config)
    except CuratorError as error:
        print(f"curator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("curator: stopped; the same command goes on where it was", file=sys.stderr)
        return 130


def run_config(config: Config) -> int:
    """Run and print the funnel; also the entry point of `jobs/curate.py`."""
    from curator.report.console import Progress, funnel_table
    from curator.run import run

    funnel = run(config, Progress())
    print(funnel_table(funnel))
    for report in funnel.steps:
        for note in report.notes:
            print(f"skipped: {note}", file=sys.stderr)
    out = config.output.path.rstrip("/")
    print(f"\n{funnel.documents_kept:,} of {funnel.documents_in:,} documents kept; every one is accounted for")
    print(f"curated shards: {out}/curated    ledger: {out}/ledger    report: {out}/run.json")
    return 0


def _plan(config: Config) -> int:
    from curator.plan import plan
    from curator.report.plan_text import plan_text

    print(plan_text(plan(config)))
    return 0


def _sample(out: str) -> int:
    from curator.sample import write_sample

    print("\n".join(write_sample(out).lines()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("run", "curate; resumes what a killed run left"), ("plan", "show the steps; touches nothing")):
        command = commands.add_parser(name, help=text)
        command.add_argument("config", help="a YAML file")
        add_set_option(command)
    sample = commands.add_parser("sample", help="make a corpus from what is installed on this machine")
    sample.add_argument("out", help="the folder to write")
    return parser


def add_set_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="key.path=value", help="override one value of the YAML file"
    )


if __name__ == "__main__":
    sys.exit(main())
