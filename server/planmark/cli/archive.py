"""`planmark archive`: the folder of a closed plan moves to its archive."""

from __future__ import annotations

import argparse

from planmark.cli.lifecycle import add_arguments, run_act

__all__ = ["add_arguments", "run"]


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    return run_act(args, "archive")
