"""Parses one section in a process of its own, which may end by it: exit code 0 says that it did not.

Standard input holds the text, in UTF-8 with lone surrogates as they are.
"""

from __future__ import annotations

import sys

from planmark.syntax.blocks import parse_lines, split_lines


def main() -> None:
    """Reads and parses."""
    parse_lines(split_lines(sys.stdin.buffer.read().decode("utf-8", "surrogatepass")))


if __name__ == "__main__":
    main()
