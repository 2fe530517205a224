"""Checks the prose rules that a program can check: `python .ci/prose.py [PATH…]`, from the root of the repository.

Looked at are pages, docstrings and comments. Exit code 1, with a line for each sentence to rewrite, else 0.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs",
    "client-vscode/README.md",
    "client-vscode/media/walkthrough",
    "client-vscode/src",
    "client-vscode/e2e",
    "client-vscode/test",
    "client-vscode/scripts",
    "client-vscode/bundled/launch.py",
    "server",
    "benchmarks",
    "tests",
    ".ci",
    "plugins",
)
GENERATED = frozenset({Path("docs/performance.md"), Path("client-vscode/src/results.ts")})
OTHER_AUTHORS = frozenset({Path("server/planmark/text/secret_formats.py")})
"""Files with the text of a licence."""
SUFFIXES = frozenset({".md", ".py", ".ts", ".mjs"})
BANNED: tuple[tuple[str, str], ...] = (
    (r"\b(?:somebody|nobody|anybody)\b", "name the client, user, worker or caller"),
    (r"\bso (?:long|many|often) (?!as\b|that\b)", "write `at most`, `every` or `for up to`"),
    (r"\bbe it\b|\banew\b", "write `whether` or `again`"),
    (r"\banother one\b", "name the thing: `a different text`"),
    (r"(?<!there )\bis none\b", "write `is not one`"),
    (r"\bgoes before\b", "write `overrides` or `takes precedence over`"),
    (r"(?:^|[.:;] )(?:Who|Whoever|Whatever) (?!\w+[^.]*\?)", "begin with the thing that acts"),
)
"""Pattern → what to write instead."""
NOT_A_VERB = re.compile(
    r"(?:a|all|an|and|any|as|at|both|by|each|either|every|for|from|how|if|in|it|its|many|no|none|nothing|of|on|one|only|"
    r"other|so|some|such|that|the|their|them|these|this|those|to|two|under|until|what|whatever|when|where|whether|which|"
    r"who|whoever|whose|why|with|without)\b",
    re.IGNORECASE,
)
"""First words of the docstring of a function that are not verbs."""

QUESTION = re.compile(r"(?:What|Where|How|Who|Which|So)\b(?! \w+[^.]*\?)")
"""First words of the documentation of a thing that begins like a question."""


MAX_WORDS = 25
"""Maximum number of words of a sentence in a page or a docstring."""

SENTENCE_END = re.compile(r"(?<=[.!?:;])\**\s+|(?<=[.!?]\))\s+|\s*[|·]\s*")
"""Pattern for the text between two sentences. A colon, a semicolon and the border of a table's cell end a sentence, too."""


class Text(NamedTuple):
    """A piece of prose: the line where it begins (1-based), its words, and what it is about.

    `about` is `function` for the documentation of a function, `thing` for other documentation, and "" for other text.
    """

    line: int
    words: str
    about: str = ""


def main(paths: list[str]) -> int:
    """Print what to rewrite; return the exit code."""
    found = [complaint for path in _files(paths or list(ROOTS)) for complaint in _complaints(path)]
    print("\n".join(found) if found else "prose: nothing to rewrite")
    return 1 if found else 0


def _files(paths: list[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        inner = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (
            file
            for file in inner
            if file.suffix in SUFFIXES
            and file not in GENERATED | OTHER_AUTHORS
            and "node_modules" not in file.parts
            and file.parts[:2] != ("tests", "data")
        )


def _complaints(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    pieces = {".md": _of_page, ".py": _of_module}.get(path.suffix, _of_script)
    for piece in pieces(text):
        plain = re.sub(r"`[^`]*`", "`…`", piece.words)
        for pattern, instead in BANNED:
            for match in re.finditer(pattern, plain, re.IGNORECASE if pattern.startswith(r"\b") else 0):
                line = piece.line + plain.count("\n", 0, match.start())
                yield f"{path}:{line}: “{match[0].strip(' .:;')}”: {instead}"
        if path.suffix == ".md" or piece.about:
            yield from (f"{path}:{piece.line}: {words}" for words in _long_sentences(plain))
        first = NOT_A_VERB.match(piece.words)
        if piece.about == "function" and first:
            yield f"{path}:{piece.line}: “{first[0]} …”: begin with a verb"
        question = QUESTION.match(piece.words)
        if piece.about == "thing" and question:
            yield f"{path}:{piece.line}: “{question[0]} …”: begin with the name of the thing"


def _long_sentences(text: str) -> Iterator[str]:
    """Yield a complaint for each sentence with more words than MAX_WORDS. A link counts by its text, code as one word."""
    without_examples = re.sub(r"\n\n(?:    \S[^\n]*(?:\n|\Z))+", "\n\n", inspect.cleandoc(text))
    for block in re.split(r"\n\s*\n|\n\s*(?:[-*|]|[0-9]+\.)\s+", without_examples):
        for sentence in SENTENCE_END.split(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", block)):
            count = len(sentence.split())
            if count > MAX_WORDS:
                yield f"“{' '.join(sentence.split()[:6])} …”: {count} words, write at most {MAX_WORDS}"


def _of_page(text: str) -> Iterator[Text]:
    """Yield the paragraphs of a page, without code."""
    without_code = re.sub(
        r"\A---\n.*?^---$|^(```+|~~~+).*?^\1",
        lambda code: "\n" * code[0].count("\n"),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", without_code):
        yield Text(1 + without_code.count("\n", 0, match.start()), match[0])


def _of_module(text: str) -> Iterator[Text]:
    """Yield the docstrings and comments of a module."""
    for node in ast.walk(ast.parse(text)):
        for inner in getattr(node, "body", ()) if isinstance(getattr(node, "body", None), list) else ():
            if (
                isinstance(inner, ast.Expr)
                and isinstance(inner.value, ast.Constant)
                and isinstance(inner.value.value, str)
            ):
                is_own = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and inner is node.body[0]
                is_property = is_own and any(_is_property(known) for known in node.decorator_list)  # type: ignore[attr-defined]
                yield Text(inner.lineno, inner.value.value, "function" if is_own and not is_property else "thing")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield Text(token.start[0], token.string.lstrip("# "))


def _of_script(text: str) -> Iterator[Text]:
    """Yield the comments of TypeScript or JavaScript, each without its marks."""
    for match in re.finditer(r"/\*\*(.*?)\*/|(?<![:\w\"'`/])//([^\n]*)", text, re.DOTALL):
        line = 1 + text.count("\n", 0, match.start())
        if match[1] is not None:
            yield Text(line, re.sub(r"^\s*\*? ?", "", match[1], flags=re.MULTILINE).strip(), "thing")
        else:
            yield Text(line, match[2].strip())


def _is_property(decorator: ast.expr) -> bool:
    """Tell whether a decorator makes a property, whose docstring is a noun phrase."""
    return "property" in ast.unparse(decorator) or "fixture" in ast.unparse(decorator)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
