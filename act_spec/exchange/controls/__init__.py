"""How people are asked in other tools: one widget a file; see `exchange.handed_out.Control`."""
