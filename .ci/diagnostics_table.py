"""Write the table of docs/diagnostics/README.md from the catalogue of codes. With --check, only compare.

    python .ci/diagnostics_table.py [--check]

Exits with 1 if --check finds a difference.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from planmark.diagnostics.codes import catalogue

PAGE = Path(__file__).resolve().parent.parent / "docs" / "diagnostics" / "README.md"
TABLE = re.compile(r"^\| code \|.*\n\| --- \|.*\n(?:\|.*\n)*", re.MULTILINE)


def table() -> str:
    """Return the table of all codes, in the order of the catalogue."""
    rows = (
        f"| [`{check.code}`]({check.code}.md) | {check.severity} | {check.says} |\n" for check in catalogue().values()
    )
    return "| code | default | says |\n| --- | --- | --- |\n" + "".join(rows)


def main(arguments: list[str]) -> int:
    """Write the page, or compare it with the catalogue."""
    text = PAGE.read_text(encoding="utf-8")
    wanted = TABLE.sub(lambda _: table(), text)
    if "--check" not in arguments:
        PAGE.write_bytes(wanted.encode("utf-8"))
    elif text != wanted:
        print("docs/diagnostics/README.md differs from the catalogue: run make diagnostics", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
