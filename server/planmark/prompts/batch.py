"""The text of several steps of one kind in one prompt: first the shared text, then a part for each step."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from planmark.prompts.path_mentions import name_paths_in_full
from planmark.prompts.prompt import Counter, Prompt, ReadLines, Tokens
from planmark.prompts.render import tidy
from planmark.prompts.units import Piece, pieces_of, text_of_pieces, without_trailing_blanks
from planmark.text.pluralize import counted_noun, line_range
from planmark.workspace.snapshot import ReadText

FORM_HEADING = "The form of "
"""The beginning of the heading of a section whose parts may differ in some lines only."""
CODE_HEADING = "Code"
STATE_LABEL = "State: "
KEPT_HEADINGS = (
    *("Create", "Documents you may edit", "One of these two is your result", "Keep these lines true"),
    *("Decide", "Rules"),
)
"""Beginnings of the headings of outputs and rules, which every part has in full."""
END_HEADING = "Done when"
"""The heading of a list whose items are shared one by one."""


class BatchText(NamedTuple):
    """The text of a batch, its tokens, and the lines to read, each once."""

    text: str
    tokens: Tokens
    read: tuple[ReadLines, ...]


def batch_text(prompts: Sequence[Prompt], names: Sequence[str], text: ReadText, counter: Counter) -> BatchText:
    """Return the text of a batch of prompts of one step. `names` are the names of their items.

    The shared text and the part of a step are together the prompt of this step. Each part has its outputs, and the
    conditions of the end that not all steps have.
    """
    members = [_in_paragraphs(pieces_of(prompt, text)) for prompt in prompts]
    shared_keys = _shared_keys(members)
    shared_pieces = [piece for piece in members[0] if _piece_key(piece) in shared_keys]
    forms = {piece.heading: piece for piece in members[0] if _is_form(piece, shared_keys)}
    common_text = text_of_pieces(
        [Piece("own", "", tuple(_opening(prompts[0], names))), *shared_pieces, *forms.values()]
    )
    texts = [common_text]
    for number, (prompt, pieces) in enumerate(zip(prompts, members, strict=True), 1):
        own_pieces = [
            _form_as_difference(piece, forms, names[0]) for piece in pieces if _piece_key(piece) not in shared_keys
        ]
        body = text_of_pieces(own_pieces).strip().removeprefix("# ").removeprefix(f"{prompt.feature} ")
        texts.append(f"# Part {number} of {len(prompts)}: {name_paths_in_full(prompt.prompt, body)}")
    text_of_batch = tidy("\n\n".join(texts))
    read = tuple({(part.path, part.start, part.end): part for prompt in prompts for part in prompt.read}.values())
    own_tokens, to_read = counter.count(text_of_batch), sum(part.tokens for part in read)
    return BatchText(text_of_batch, Tokens(own_tokens, to_read, own_tokens + to_read, counter.name), read)


def _opening(prompt: Prompt, names: Sequence[str]) -> Iterator[str]:
    yield f"# {prompt.feature}: {counted_noun(len(names), 'part')} in one prompt"
    yield ""
    yield (
        f"The parts are {', '.join(names)}. Do one after the other; none waits for another. What comes before part 1 holds for "
        "each. If you must stop in one, go on with the next."
    )
    yield ""


def _in_paragraphs(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces, cut so that each text that prompts may share is a piece of its own.

    These texts are the paragraphs of the task, and the lines above a list of code. In the paragraph with the state of the
    item, each line is a piece, because its first line says who does the step.
    """
    result: list[Piece] = []
    for piece in pieces:
        is_task = piece.kind == "own" and not piece.heading.startswith(KEPT_HEADINGS)
        if is_task:
            for paragraph in _paragraphs(piece.lines):
                result += [Piece("own", piece.heading, lines) for lines in _groups(piece.heading, paragraph)]
        elif piece.heading == CODE_HEADING:
            list_start = next(
                (number for number, line in enumerate(piece.lines) if line.startswith("- ")), len(piece.lines)
            )
            result += [
                piece._replace(lines=lines, units=())
                for lines in (piece.lines[:list_start], piece.lines[list_start:])
                if lines
            ]
        else:
            result.append(piece)
    return result


def _groups(heading: str, paragraph: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the lines of a paragraph in groups, with blank lines. Prompts may share one group and not another."""
    if heading == END_HEADING:
        starts = [0, *(number for number, line in enumerate(paragraph) if number and line.startswith("- "))]
        *items, last = [paragraph[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
        return [*items, (*last, "")]
    if any(line.startswith(STATE_LABEL) for line in paragraph):
        return [(line, "") for line in paragraph]
    return [(*paragraph, "")]


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    paragraph: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield tuple(paragraph)
            paragraph = []


def _piece_key(piece: Piece) -> tuple[str, ...]:
    """Return a key that is equal for equal pieces of two prompts; () for an output or a rule, which is never shared."""
    if piece.kind == "own" and piece.heading.startswith(KEPT_HEADINGS):
        return ()
    units = [unit.key for unit in piece.units]
    return (piece.kind, piece.heading, *(units or without_trailing_blanks(piece.lines)))


def _shared_keys(members: Sequence[Sequence[Piece]]) -> set[tuple[str, ...]]:
    keys = [{_piece_key(piece) for piece in pieces} for pieces in members]
    return set.intersection(*keys) - {()}


def _is_form(piece: Piece, shared_keys: set[tuple[str, ...]]) -> bool:
    return piece.heading.startswith(FORM_HEADING) and _piece_key(piece) not in shared_keys


def _form_as_difference(piece: Piece, forms: dict[str, Piece], first_name: str) -> Piece:
    """Return a form as its differences from the form of the first member; the whole form if this is not longer."""
    form = forms.get(piece.heading)
    if form is None or not piece.heading.startswith(FORM_HEADING):
        return piece
    old_lines, new_lines = (_inside_fence(form_piece.lines) for form_piece in (form, piece))
    if old_lines == new_lines:
        return piece._replace(lines=(f"As it is above, for {first_name}.", ""))
    lines = [f"As it is above for {first_name}, with these lines instead:", ""]
    for change in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        lines += _change_entry(*change, new_lines)
    is_shorter = sum(map(len, lines)) < sum(map(len, piece.lines))
    return piece._replace(lines=(*lines, "")) if is_shorter else piece


def _change_entry(
    kind: str, old_start: int, old_end: int, new_start: int, new_end: int, new_lines: Sequence[str]
) -> Iterator[str]:
    """Yield the lines that describe one difference of a form. Line 1 is the first line inside its fence."""
    if kind == "equal":
        return
    place = f"after line {old_start}" if kind == "insert" else line_range(old_start + 1, old_end)
    if kind == "delete":
        yield f"- {place}: left out"
    elif new_end - new_start == 1 and new_lines[new_start].strip() and "`" not in new_lines[new_start]:
        yield f"- {place}: `{new_lines[new_start]}`"
    else:
        yield f"- {place}:"
        yield ""
        yield "```"
        yield from new_lines[new_start:new_end]
        yield "```"
        yield ""


def _inside_fence(lines: Sequence[str]) -> list[str]:
    """Return the lines of a form between the marks of its fence."""
    body = without_trailing_blanks(lines)
    while body and not body[0].startswith("```"):
        body.pop(0)
    return body[1:-1]
