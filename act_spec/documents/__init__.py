"""Documents for people: records in, text out."""
