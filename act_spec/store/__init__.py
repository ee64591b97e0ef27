"""The run's DuckDB file: the only folder that imports duckdb."""
