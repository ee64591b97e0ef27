"""act_spec: recipes for labelling data with language models and people."""

__version__ = "0.1.0"
