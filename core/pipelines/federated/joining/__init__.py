"""The end of a plan: what its operations gave is joined by DuckDB."""
