"""`planmark pause`: marks a plan as paused in its Status."""

from __future__ import annotations

import argparse

from planmark.cli.lifecycle import add_arguments, run_act

__all__ = ["add_arguments", "run"]


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    return run_act(args, "pause")
