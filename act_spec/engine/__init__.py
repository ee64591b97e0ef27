"""Where requests run: cache, spend ledger, one writer."""
