"""Turns raw web shards into a smaller, better training set."""

__version__ = "0.1.0"
