"""Calls to language models: provider, retries, limits, prices, the built-in model."""
