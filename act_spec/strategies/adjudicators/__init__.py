"""How several reviewers' answers to an item become one; a file each."""
