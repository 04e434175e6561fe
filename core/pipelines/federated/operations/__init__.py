"""The operations of a plan, each asked of its source: side by side, values handed on, rows kept for the join."""
