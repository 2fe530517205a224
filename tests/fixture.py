"""A mini-language for workspaces in tests: files in one text, `$0` for the cursor.

    //- /work-space/plans/PAY/PLAN_PAY.md
    **Achievement 1.1**: Refunds

Flags after the path: `crlf`, `bom`, `no-eol`.
"""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

from planmark.storage.timestamps import is_settled

FLAGS = frozenset({"crlf", "bom", "no-eol"})


def files(fixture: str) -> dict[str, str]:
    """Return path → text of every file. Raises ValueError for text before the first file or unknown flags."""
    found: dict[str, str] = {}
    header: list[str] = []
    body: list[str] = []
    for line in textwrap.dedent(fixture).strip("\n").split("\n"):
        if line.startswith("//- /"):
            if header:
                found[header[0]] = _text(body, header[1:])
            header, body = line.removeprefix("//- /").split(), []
            if unknown := set(header[1:]) - FLAGS:
                raise ValueError(f"unknown flags: {sorted(unknown)}")
            if header[0] in found:
                raise ValueError(f"twice in one fixture: {header[0]}")
        elif not header and line.strip():
            raise ValueError(f"text before the first file: {line!r}")
        else:
            body.append(line)
    if not header:
        raise ValueError("a fixture needs a line `//- /path`")
    found[header[0]] = _text(body, header[1:])
    return found


def write(root: Path, fixture: str) -> Path:
    """Write the files of `fixture` under `root`, and return `root`."""
    write_files(root, files(fixture))
    return root


def write_files(root: Path, texts: dict[str, str]) -> None:
    """Write path → text under `root`, byte for byte."""
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogatepass"))


def settle(root: Path) -> Path:
    """Wait until any further change of a file under `root` would change its stamp, and return `root`."""
    stats = [path.stat() for path in root.rglob("*") if path.is_file()]
    changed = [max(stat.st_mtime_ns, stat.st_ctime_ns) for stat in stats]
    while not all(is_settled(at, time.time_ns()) for at in changed):
        time.sleep(0.005)
    return root


def cursor(fixture: str) -> tuple[dict[str, str], str, int, int]:
    """Return the files without `$0`, and its path, 0-based line and column. Raises ValueError unless one exists."""
    marked = files(fixture)
    places = [path for path, text in marked.items() if "$0" in text]
    if len(places) != 1 or marked[places[0]].count("$0") != 1:
        raise ValueError("a fixture needs exactly one $0")
    path = places[0]
    before, after = marked[path].split("$0")
    line = before.count("\n")
    return {**marked, path: before + after}, path, line, len(before) - (before.rfind("\n") + 1)


def _text(body: list[str], flags: list[str]) -> str:
    text = "\n".join(body).rstrip("\n")
    text += "" if "no-eol" in flags or not text else "\n"
    text = text.replace("\n", "\r\n") if "crlf" in flags else text
    return "\ufeff" + text if "bom" in flags else text
