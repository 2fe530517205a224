"""Servers of the race."""
