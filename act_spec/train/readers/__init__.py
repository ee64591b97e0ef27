"""What becomes of an item before a model meets it: words, numbers, pixels or tokens."""
