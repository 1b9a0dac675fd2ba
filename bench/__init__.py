"""Benchmarks: each measures a ratio to a peer or to the machine's limit in the same run, and prints a table."""
