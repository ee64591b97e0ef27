"""The walk over the plan, one file a stage."""
