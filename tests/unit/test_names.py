"""The names of the package: one meaning for each class name."""

from __future__ import annotations

import ast
from collections import defaultdict

from conftest import REPOSITORY

PACKAGE = REPOSITORY / "server" / "planmark"
ONE_OF_EACH = {
    "Options": ("cli/commands/", "cli/lifecycle.py"),
    "Requirement": ("formats/",),
    "Tasks": ("formats/",),
    "Text": ("formats/",),
}
"""Names with one meaning that every module of a folder may define for its command or format (docs/glossary.md)."""


def test_no_class_name_has_two_meanings() -> None:
    """Names with an underscore are left out, because no other module sees them."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            if not module.startswith(ONE_OF_EACH.get(node.name, ("-",))):
                places[node.name].append(f"{module}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_name_is_excepted_only_if_several_modules_define_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    assert {name for name in ONE_OF_EACH if sum(f"\nclass {name}(" in text for text in texts) < 2} == set()
