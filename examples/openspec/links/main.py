"""The command line."""

from __future__ import annotations

import sys

from links.as_json import as_json


def main(arguments: list[str]) -> int:
    """Print the broken links and return the exit code."""
    broken: list[str] = []
    print(as_json(broken) if "--json" in arguments else "\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
