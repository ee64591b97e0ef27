"""Judges: from an item and its annotation to an error probability."""
