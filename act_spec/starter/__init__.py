"""`init`: a first recipe, from the user's own data or from the gallery."""
