"""The recipe language: what a recipe may say, how it is read, what is advised."""
