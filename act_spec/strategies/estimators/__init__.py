"""Estimates and metrics: how good labels and judges are, with and without gold."""
