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


VAGUE = frozenset({"known", "found", "files"})
"""Words that say nothing about a thing. In the signature of a public function the thing has a name of its own."""


def vague_names(source: str) -> list[str]:
    """Return the public functions that are called by such a word, or have a parameter that is."""
    found = []
    module = ast.parse(source)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    for node in (*module.body, *(inner for known in classes for inner in known.body)):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or node.name.startswith("_"):
            continue
        parameters = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        found += [f"{node.name}({one.arg})" for one in parameters if one.arg in VAGUE]
        found += [node.name] if node.name in VAGUE else []
    return found


def test_no_signature_of_a_public_function_has_a_vague_name() -> None:
    named = {
        path.relative_to(PACKAGE).as_posix(): vague_names(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")
    }
    assert {module: names for module, names in named.items() if names} == {}


def test_a_vague_name_is_noticed() -> None:
    assert vague_names("def check(path, *, found): ...") == ["check(found)"]
    assert vague_names("class Table:\n    def known(self): ...") == ["known"]
    assert vague_names("def _check(files): ...\ndef check(plan):\n    known = 1") == []
