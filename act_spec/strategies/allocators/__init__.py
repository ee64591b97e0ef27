"""Rules that spend the review budget: from error probabilities to inclusion probabilities."""
