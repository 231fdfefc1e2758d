"""Benchmarks: `python -m tests.bench` prints ratios from one run on one machine."""
