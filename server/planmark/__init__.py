"""Planmark: the state of every plan in a workspace, its evidence, and the next step."""

__version__ = "0.1.0"
