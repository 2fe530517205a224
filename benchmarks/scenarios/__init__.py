"""Scenarios of the benchmarks, one file for each."""
