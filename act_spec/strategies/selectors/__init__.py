"""Which items are labelled next: one method a file."""
