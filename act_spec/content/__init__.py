"""Modalities, one a file: from a field of an item to parts of a message and to text for people."""
