"""The topics of `planmark help`: short texts about documents, the loop and states, one file for each in `topics/`.

A code block whose first line names a path is an example: the content of a file at that path.
"""

from __future__ import annotations

from pathlib import Path

TOPIC_NAMES = (
    *("plan", "subplan", "execution", "verdict", "parallel", "loop", "states"),
    *("openspec", "speckit", "kiro", "superpowers", "gsd", "featureplanner"),
)
"""The topics, in the order of the list: the documents of a PLAN, the loop, the states, and a topic for each format."""
FENCE = "```"
EXAMPLE_INDENT = "    "
_TOPICS_FOLDER = Path(__file__).parent / "topics"


def topic_named(word: str) -> str | None:
    """Return the name of the topic that a word means, or None. `spec-kit` means `speckit`, and case is ignored."""
    name = word.casefold().replace("-", "").replace(" ", "")
    return name if name in TOPIC_NAMES else None


def topic_text(name: str) -> str:
    """Return the Markdown of a topic."""
    return (_TOPICS_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def topic_title(name: str) -> str:
    """Return the title of a topic, from the first line of its text: `# plan: the results that you want`."""
    with (_TOPICS_FOLDER / f"{name}.md").open(encoding="utf-8") as file:
        return file.readline().partition(": ")[2].strip()


def topic_lines(text: str) -> list[tuple[str, str]]:
    """Return the lines of a topic for a terminal, each with its style.

    The title and the path of each example are bold. An example is indented; other code stays as it is.
    """
    lines: list[tuple[str, str]] = []
    indent: str | None = None
    for line in text.splitlines():
        if not line.startswith(FENCE):
            is_title = indent is None and line.startswith("# ")
            plain = line.removeprefix("# ") if is_title else line
            lines.append((f"{indent or ''}{plain}" if plain else "", "bold" if is_title else ""))
        elif indent is not None:
            indent = None
        else:
            path = line.partition(" ")[2]
            indent = EXAMPLE_INDENT if path else ""
            if path:
                lines += [(f"{path}:", "bold"), ("", "")]
    return lines
