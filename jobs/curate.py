"""Entry point for `ray job submit --working-dir . -- python jobs/curate.py --config CONFIG [--set key.path=value ...]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the package travels in the working directory

from curator.cli import add_set_option, main


def submitted(command: str, description: str | None) -> int:
    """Run a command of the package with the arguments of this process."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--config", required=True, help="a YAML file")
    add_set_option(parser)
    options = parser.parse_args()
    settings = [argument for setting in options.set for argument in ("--set", setting)]
    return main([command, options.config, *settings])


if __name__ == "__main__":
    sys.exit(submitted("run", __doc__))
