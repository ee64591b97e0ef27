"""Work for people to take away, and their answers back: one format a file."""
