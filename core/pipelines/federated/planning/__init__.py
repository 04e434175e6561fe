"""A plan before it runs: who writes it, whether it holds together, how long it will take."""
