"""Recipes that travel: a pack is an archive of recipes and the files that they name. It holds no code."""
