"""Writes `THIRD_PARTY_NOTICES.txt`: everything that a VSIX brings besides Planmark, with its licence.

    python scripts/notices.py           writes it; needs `node_modules`
    python scripts/notices.py --check   compares, and fails where a licence is not among those that are allowed

The licences of Python's packages lie beside them in `bundled/libs`; a bundle of JavaScript has lost them, so they stand here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import bundle

CLIENT = Path(__file__).resolve().parent.parent
NOTICES = CLIENT / "THIRD_PARTY_NOTICES.txt"
BUNDLED_FROM_NPM = ("vscode-languageclient",)
"""The packages of npm that the extension imports; their dependencies follow from the lock."""
ALLOWED = frozenset(
    ("MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "MPL-2.0", "BlueOak-1.0.0", "0BSD")
)
"""Licences that allow a copy within another work, as long as their text goes with it."""
NAMED = {"MIT License": "MIT", "BSD License": "BSD-3-Clause", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0"}
"""Names of these licences in older packages."""
ONLY_SOMEWHERE = {"exceptiongroup": "MIT", "tomli": "MIT"}
"""Licences of packages that only some Pythons need: the others have no copy to read."""
RULES = (("CredSweeper, rules", "1.19.5", "MIT"), ("Betterleaks, rules", "2.0.0", "MIT"))
"""The scanners whose formats of credentials are in `planmark/text/secret_formats.py`, with their licence."""
HEAD = """Planmark for VS Code brings these works of others, each under its own licence.

"""


class Part(NamedTuple):
    """A bundled package; `text` is its licence, or the place of the licence."""

    name: str
    version: str
    licence: str
    text: str = ""


def from_npm(lock: dict[str, Any], names: Iterable[str] = BUNDLED_FROM_NPM) -> list[Part]:
    """Return the packages of `names` and their dependencies, by `package-lock.json`."""
    packages = lock["packages"]
    found: dict[str, Part] = {}
    pending = [("", name) for name in names]
    while pending:
        inside, name = pending.pop()
        places = (f"{inside}/node_modules/{name}", f"node_modules/{name}") if inside else (f"node_modules/{name}",)
        place = next(known for known in places if known in packages)
        if place not in found:
            package = packages[place]
            found[place] = Part(name, package["version"], package.get("license", "unknown"), place)
            pending += [(place, needed) for needed in package.get("dependencies", {})]
    return sorted(found.values())


def from_pypi() -> list[Part]:
    """Return the libraries of the server, for all Pythons and systems."""
    pins = {pin for python in bundle.PYTHONS for target in bundle.PLATFORMS for pin in bundle._pins(python, target)}
    found = []
    for pin in sorted(pins):
        name, _, version = pin.partition("==")
        named = ONLY_SOMEWHERE.get(name) or _licence(name)
        place = f"bundled/libs/{name.replace('-', '_')}-{version}.dist-info"
        found.append(Part(name, version, NAMED.get(named, named), f"The licence lies in {place}."))
    return found


def _licence(name: str) -> str:
    """Return the licence that an installed package names."""
    about = metadata.metadata(name)
    said = about.get("License-Expression") or about.get("License") or ""
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License :: ")]
    return said if said in ALLOWED else next(iter(classified), said)


def refused(parts: Iterable[Part]) -> list[str]:
    """Return the packages whose licence is not allowed; of several in one expression, each must be allowed."""
    return [
        f"{part.name} {part.version}: {part.licence}"
        for part in parts
        if not {word for word in re.split(r"[\s()]+|AND|OR", part.licence) if word} <= ALLOWED or not part.licence
    ]


def heading(part: Part) -> str:
    """Return the first line of a package."""
    return f"== {part.name} {part.version} ({part.licence})"


def licence_text(place: Path) -> str:
    """Return the text of the licence in the folder of a package."""
    files = sorted(path for path in place.iterdir() if re.match(r"licen[cs]e|copying", path.name, re.IGNORECASE))
    if not files:
        raise SystemExit(f"{place} holds no licence")
    return "\n".join(path.read_text(encoding="utf-8").strip().replace("\r\n", "\n") for path in files)


def main() -> int:
    """Write the notices, or compare them with the file."""
    npm = from_npm(json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8")))
    rules = [Part(*rule, "The licence stands in planmark/text/secret_formats.py.") for rule in RULES]
    parts = [*npm, *from_pypi(), *rules]
    if wrong := refused(parts):
        print("licences that are not allowed:", *wrong, sep="\n  ")
        return 1
    if "--check" in sys.argv:
        listed = [line for line in NOTICES.read_text(encoding="utf-8").splitlines() if line.startswith("== ")]
        if listed != [heading(part) for part in parts]:
            print("THIRD_PARTY_NOTICES.txt is not about what is bundled: python client-vscode/scripts/notices.py")
            return 1
        print(
            f"licences: {len(npm)} packages of npm and {len(parts) - len(npm) - len(rules)} of PyPI, rules of {len(rules)} scanners, all allowed"
        )
        return 0
    texts = [licence_text(CLIENT / part.text) if part in npm else part.text for part in parts]
    bodies = (f"{heading(part)}\n\n{text}\n" for part, text in zip(parts, texts, strict=True))
    NOTICES.write_text(HEAD + "\n".join(bodies), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
