"""Entry point for `ray job submit --working-dir . -- python jobs/evaluate.py --config CONFIG [--set key.path=value ...]`."""

from __future__ import annotations

import sys

from curate import submitted

if __name__ == "__main__":
    sys.exit(submitted("evaluate", __doc__))
