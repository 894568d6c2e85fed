"""Whether a run can work at all, checked before anything is written."""

from __future__ import annotations

import importlib.util

from pyarrow import fs

from curator.config import Config
from curator.errors import ConfigError
from curator.models.embedder import TFIDF
from curator.store.files import filesystem_for


def check_setup(config: Config) -> None:
    """Raises ConfigError, with the mend, where a package is missing or the output is not a folder."""
    if importlib.util.find_spec("faiss") is None:
        raise ConfigError(
            "faiss is not installed: pip install 'curator[cpu]', or 'curator[gpu]' on machines with a GPU"
        )
    if config.embedding.model != TFIDF:
        missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"embedding.model: {config.embedding.model} needs {' and '.join(missing)}: pip install 'curator[models]'"
            )
    _check_output(config.output.path)


def _check_output(path: str) -> None:
    try:
        filesystem, inside = filesystem_for(path)
        kind = filesystem.get_file_info(inside).type
    except (OSError, ValueError) as error:
        raise ConfigError(f"output.path: {path} cannot be reached: {error}") from error
    if kind not in (fs.FileType.Directory, fs.FileType.NotFound):
        raise ConfigError(f"output.path: {path} is a file; name a folder")
