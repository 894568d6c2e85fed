"""Parts of the duplicate benchmark: corpus with planted copies, exact join, measures, runs of ours and of the peers."""
