"""Benchmarks of Planmark against floors and peers of the same run."""
