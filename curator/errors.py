"""What can go wrong, as one tree:

CuratorError
├── ConfigError          the YAML or a --set value cannot work; nothing was written
├── InputError           an input file cannot be read; names the file, the place and the mend
├── EngineError          no answer can be had from the model that rephrases: its place, its key or its name is wrong
├── StoreError           the output cannot be written or does not hold what its manifest says
│   └── LockedError      another run is at work on the same output
└── ReconciliationError  the ledger does not add up: a bug or a damaged folder, never to be ignored

A record that cannot be used is not an error: it is a row of the ledger.
"""


class CuratorError(Exception):
    """Base of every error that is shown to a user as one sentence, without a traceback."""


class ConfigError(CuratorError):
    """The configuration cannot work."""


class InputError(CuratorError):
    """An input file cannot be read as far as it must be."""


class EngineError(CuratorError):
    """The engine that rephrases cannot be used at all. Names its place, the reason and the mend, and never a key."""


class StoreError(CuratorError):
    """The output cannot be written, or is not what its manifest says."""


class LockedError(StoreError):
    """Another run holds the output."""


class ReconciliationError(CuratorError):
    """Documents in and documents accounted for differ."""
