"""Workers: other processes, here or on a cluster, that make calls and hand back what came; see `pool`."""
