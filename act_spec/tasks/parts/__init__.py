"""What several task kinds compute alike: scores, intervals, texts."""
