"""From recipe to plan: the frozen value that `plan` prints and `run` consumes."""
