"""Starts the server that the extension brings: its libraries go before those of the interpreter."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "libs"))

from planmark.cli.main import entry

entry()
