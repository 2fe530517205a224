"""Whole cents."""
