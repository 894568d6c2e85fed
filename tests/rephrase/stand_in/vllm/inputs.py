"""Prompts."""

from __future__ import annotations

TokensPrompt = TextPrompt = dict
