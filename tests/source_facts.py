"""The names in the source of a module, collected in one pass: tests about structure compare them, and read each module once."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from typing import NamedTuple

_FORMAT_MODULE = re.compile(r"planmark\.formats\b")


class SourceFacts(NamedTuple):
    """The names that a module defines, imports and uses.

    `imports` are the imported modules, and `named` these with every name that may be a module inside a package. `calls`
    are the last names of called functions. `format_modules` are texts that name a module of a format. `classes` are the
    public classes at the top level with their lines, `signatures` the public functions and methods with their
    parameters, and `functions` all functions.
    """

    imports: tuple[str, ...]
    named: frozenset[str]
    calls: frozenset[str]
    format_modules: tuple[str, ...]
    classes: tuple[tuple[str, int], ...]
    signatures: tuple[tuple[str, tuple[str, ...]], ...]
    functions: frozenset[str]
    lines: int


@functools.cache
def facts_of(path: Path) -> SourceFacts:
    """Return the facts of the module at a path."""
    return source_facts(path.read_text(encoding="utf-8"))


def source_facts(source: str) -> SourceFacts:
    """Return the facts of the source of a module."""
    module = ast.parse(source)
    imports: list[str] = []
    named: set[str] = set()
    calls: set[str] = set()
    texts: list[str] = []
    functions: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            imports += names
            named.update(names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [f"planmark.{a.name}" for a in node.names] if node.module == "planmark" else [node.module]
            named.update((node.module, *(f"{node.module}.{alias.name}" for alias in node.names)))
        elif isinstance(node, ast.Call):
            calls.add(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts += [node.value] if _FORMAT_MODULE.match(node.value) else []
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions.add(node.name)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return SourceFacts(
        imports=tuple(imports),
        named=frozenset(named),
        calls=frozenset(calls),
        format_modules=tuple(texts),
        classes=tuple((node.name, node.lineno) for node in classes if not node.name.startswith("_")),
        signatures=tuple(
            (node.name, tuple(one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)))
            for node in (*module.body, *(inner for known in classes for inner in known.body))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_")
        ),
        functions=frozenset(functions),
        lines=source.count("\n"),
    )
