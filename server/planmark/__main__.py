"""`python -m planmark`."""

from planmark.cli.main import entry

entry()
