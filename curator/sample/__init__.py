"""A real corpus from what is installed: descriptions, licences and docstrings, for a first run with no download."""

from curator.sample.collect import SampleDocument, collect_documents
from curator.sample.sources import SearchPaths
from curator.sample.summary import SampleReport
from curator.sample.write import write_sample

__all__ = ["SampleDocument", "SampleReport", "SearchPaths", "collect_documents", "write_sample"]
