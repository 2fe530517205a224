"""The topics of `planmark help`: short texts about documents, the loop, the states and the formats.

Each topic is a Markdown file of the folder `topics`. If the first line of a code block names a path, the block is an
example: the content of a file at this path.
"""

from __future__ import annotations

from pathlib import Path

TOPIC_NAMES = (
    *("plan", "subplan", "execution", "verdict", "parallel", "loop", "states"),
    *("openspec", "speckit", "kiro", "superpowers", "gsd", "featureplanner"),
)
"""The names of the topics, in the order in which the help lists them.

The topics are the documents of a plan, the loop, the states, and each other format.
"""
FENCE = "```"
EXAMPLE_INDENT = "    "
_TOPICS_FOLDER = Path(__file__).parent / "topics"


def topic_named(word: str) -> str | None:
    """Return the name of the topic that `word` means; None if it means no topic.

    Case, hyphens and blanks are ignored: `Spec-Kit` means `speckit`.
    """
    name = word.casefold().replace("-", "").replace(" ", "")
    return name if name in TOPIC_NAMES else None


def topic_text(name: str) -> str:
    """Return the Markdown of a topic."""
    return (_TOPICS_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def topic_title(name: str) -> str:
    """Return the title of a topic: in its first line, the text after the colon.

    An example of the first line is `# plan: the results that you want`.
    """
    with (_TOPICS_FOLDER / f"{name}.md").open(encoding="utf-8") as file:
        return file.readline().partition(": ")[2].strip()


def topic_lines(text: str) -> list[tuple[str, str]]:
    """Return a tuple for each line to show on a terminal: the line, and the name of its style. "" means no style.

    `text` is the Markdown of a topic. The title of the topic and the paths of examples are bold. The lines of an
    example are indented. Other code blocks are not indented.
    """
    lines: list[tuple[str, str]] = []
    # The indent is None outside of code blocks.
    indent: str | None = None
    for line in text.splitlines():
        if not line.startswith(FENCE):
            is_title = indent is None and line.startswith("# ")
            plain_line = line.removeprefix("# ") if is_title else line
            lines.append((f"{indent or ''}{plain_line}" if plain_line else "", "bold" if is_title else ""))
        elif indent is not None:
            indent = None
        else:
            path = line.partition(" ")[2]
            indent = EXAMPLE_INDENT if path else ""
            if path:
                lines += [(f"{path}:", "bold"), ("", "")]
    return lines
