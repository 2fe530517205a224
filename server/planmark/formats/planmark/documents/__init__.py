"""Typed facts of each kind of document of the methodology."""
