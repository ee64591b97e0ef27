"""Task kinds, one a file: label type, reply schema, parsing, distance, votes."""
