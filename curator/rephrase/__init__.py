"""Rephrasing of documents that are there: strategies and their prompts, requests and engines, and the checks of what comes back."""
