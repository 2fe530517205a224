"""The names of the package: one meaning for each class name."""

from __future__ import annotations

from collections import defaultdict

from conftest import REPOSITORY
from source_facts import SourceFacts, facts_of, source_facts

PACKAGE = REPOSITORY / "server" / "planmark"
ONE_OF_EACH = {
    "Options": ("cli/commands/", "cli/lifecycle.py", "run/commands/", "mcp/command.py", "board/command.py"),
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
        for name, line in facts_of(path).classes:
            if not module.startswith(ONE_OF_EACH.get(name, ("-",))):
                places[name].append(f"{module}:{line}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_a_name_is_excepted_only_if_several_modules_define_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    assert {name for name in ONE_OF_EACH if sum(f"\nclass {name}(" in text for text in texts) < 2} == set()


VAGUE = frozenset({"known", "found", "files"})
"""Words that say nothing about a thing. In the signature of a public function the thing has a name of its own."""


def vague_names(facts: SourceFacts) -> list[str]:
    """Return the public functions that are called by such a word, or have a parameter that is."""
    vague = []
    for name, parameters in facts.signatures:
        vague += [f"{name}({parameter})" for parameter in parameters if parameter in VAGUE]
        vague += [name] if name in VAGUE else []
    return vague


def test_no_signature_of_a_public_function_has_a_vague_name() -> None:
    named = {path.relative_to(PACKAGE).as_posix(): vague_names(facts_of(path)) for path in PACKAGE.rglob("*.py")}
    assert {module: names for module, names in named.items() if names} == {}


def test_a_vague_name_is_noticed() -> None:
    assert vague_names(source_facts("def check(path, *, found): ...")) == ["check(found)"]
    assert vague_names(source_facts("class Table:\n    def known(self): ...")) == ["known"]
    assert vague_names(source_facts("def _check(files): ...\ndef check(plan):\n    known = 1")) == []
