"""Models that others trained: loaded from safetensors, and from nothing else."""
