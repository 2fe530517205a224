"""Typos."""
