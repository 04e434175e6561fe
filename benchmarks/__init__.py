"""What is measured, against what: each module here is a program, run by `python -m benchmarks.NAME`."""
