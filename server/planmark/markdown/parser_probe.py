"""A program that parses one section in its own process, because the parser may crash.

Exit code 0 means that the parser did not crash.

Standard input holds the text of the section in UTF-8, with lone surrogates encoded by `surrogatepass`.
"""

from __future__ import annotations

import sys

from planmark.markdown.blocks import parse_lines, split_lines


def main() -> None:
    """Read the text of a section from standard input, and parse the text."""
    parse_lines(split_lines(sys.stdin.buffer.read().decode("utf-8", "surrogatepass")))


if __name__ == "__main__":
    main()
