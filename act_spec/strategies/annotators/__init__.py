"""Annotators: from an item to a label."""
