"""The configuration: its schema, and loading it with clear messages."""

from curator.config.load import load_config
from curator.config.schema import Config

__all__ = ["Config", "load_config"]
