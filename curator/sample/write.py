"""Writes the sample as a small crawl: web pages in WARC, docstrings in JSON Lines, the rest in Parquet."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, groupby

from curator import __version__
from curator.errors import InputError
from curator.sample.collect import LIMIT_BYTES, SampleDocument, collect_documents
from curator.sample.sources import SearchPaths, installed, this_python
from curator.sample.summary import (
    Environment,
    SampleFile,
    SampleReport,
    Summary,
    count_kinds,
    put_summary,
    read_summary,
)
from curator.sample.tables import json_lines, parquet
from curator.sample.warc import warc_file
from curator.store.files import Folder

_FORMAT_OF = {"description": "web", "licence": "web", "docstring": "docstrings"}  # every other kind: modules
_Maker = Callable[[str, Sequence[SampleDocument]], bytes]
_FORMATS: dict[str, tuple[str, int, _Maker]] = {  # the suffix, about how much text a file holds, what makes the file
    "web": (".warc.gz", 3_500_000, warc_file),
    "docstrings": (".jsonl.zst", 8_000_000, json_lines),
    "modules": (".parquet", 8_000_000, parquet),
}
_HELD_OUT = {"description": "descriptions", "docstring": "docstrings", "module": "modules"}
HELD_OUT_BYTES = 100_000
"""Of each set that `curator evaluate` may measure models by. It takes the same texts out of what models are trained on."""
_OURS = re.compile(r"heldout-\w+\.jsonl\.gz|web-\d{4}\.warc\.gz|docstrings-\d{4}\.jsonl\.zst|modules-\d{4}\.parquet")


def write_sample(out: str, *, limit_bytes: int = LIMIT_BYTES, paths: SearchPaths | None = None) -> SampleReport:
    """Write a corpus of what is installed under the folder `out` (a path or a URI): about 20,000 documents by default.

    `web-*.warc.gz` holds descriptions and licences as pages, `docstrings-*.jsonl.zst` long docstrings,
    `modules-*.parquet` short docstrings joined by class or module, documentation files and help topics, and
    `heldout-*.jsonl.gz` once more some documents of three kinds. Each file appears whole or not at all, `sample.json` with the
    counts and the environment last. A finished sample of the same environment is left as it is, one of another is replaced.
    Raises InputError where `out` is a file, or holds files but no `sample.json` of ours.
    """
    paths = paths or this_python()
    folder, environment = Folder(out), _environment(limit_bytes, paths)
    present, old = _present(folder), read_summary(folder)
    if present and old is None:
        raise InputError(f"{out} holds files that are not a sample: name a new or an empty folder")
    if old is not None and _is_current(old, environment, present):
        return SampleReport(out=out, reused=True, kinds=old.kinds, files=old.files)
    new = _replace(folder, present, environment, list(collect_documents(limit_bytes, paths)))
    return SampleReport(out=out, reused=False, kinds=new.kinds, files=new.files)


def _present(folder: Folder) -> list[str]:
    filesystem, path = folder.at("")
    if filesystem.get_file_info(path).is_file:
        raise InputError(f"{folder.uri} is a file: name a new or an empty folder")
    return folder.names()


def _environment(limit_bytes: int, paths: SearchPaths) -> Environment:
    versions = {name: distribution.version for name, distribution in installed(paths).items()}
    python = platform.python_version()
    return Environment(curator=__version__, python=python, limit_bytes=limit_bytes, distributions=versions)


def _is_current(old: Summary, environment: Environment, present: Sequence[str]) -> bool:
    return old.finished and old.environment == environment and {file.name for file in old.files} <= set(present)


def _replace(
    folder: Folder, present: Sequence[str], environment: Environment, documents: Sequence[SampleDocument]
) -> Summary:
    """Put the new sample where an old or unfinished one may be. `sample.json` never promises what is not there."""
    put_summary(folder, Summary(finished=False, environment=environment))
    for name in filter(_OURS.fullmatch, present):
        folder.delete(name)
    files = (*_put_files(folder, documents), *_put_held_out(folder, documents))
    summary = Summary(finished=True, environment=environment, kinds=count_kinds(documents), files=files)
    put_summary(folder, summary)
    return summary


def _put_files(folder: Folder, documents: Sequence[SampleDocument]) -> Iterator[SampleFile]:
    for prefix, (suffix, part_bytes, content_of) in _FORMATS.items():
        chosen = [document for document in documents if _FORMAT_OF.get(document.kind, "modules") == prefix]
        for number, part in enumerate(split(chosen, part_bytes)):
            name = f"{prefix}-{number:04d}{suffix}"
            content = content_of(name, part)
            folder.put(name, content)
            size = sum(map(_size, part))
            yield SampleFile(name=name, documents=len(part), text_bytes=size, file_bytes=len(content))


def _put_held_out(folder: Folder, documents: Sequence[SampleDocument]) -> Iterator[SampleFile]:
    for kind, title in _HELD_OUT.items():
        chosen = [document for document in documents if document.kind == kind]
        part = chosen[:: max(1, sum(map(_size, chosen)) // HELD_OUT_BYTES)]
        name = f"heldout-{title}.jsonl.gz"
        content = json_lines(name, part)
        folder.put(name, content)
        yield SampleFile(name=name, documents=len(part), text_bytes=sum(map(_size, part)), file_bytes=len(content))


def _size(document: SampleDocument) -> int:
    return len(document.text.encode())


def split(documents: Sequence[SampleDocument], part_bytes: int) -> Iterator[list[SampleDocument]]:
    """Runs of neighbours of about equal size: at least two, and each at most `part_bytes` of text and one document."""
    ends = list(accumulate(map(_size, documents)))
    total = ends[-1] if ends else 0
    count = max(2, -(-total // part_bytes))
    for _, part in groupby(zip(documents, ends, strict=True), key=lambda pair: (pair[1] - 1) * count // total):
        yield [document for document, _ in part]
