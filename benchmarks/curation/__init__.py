"""Parts of the curation benchmark: a pool that looks like the web, held-out sets, and the variants of curation to compare."""
