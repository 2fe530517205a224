"""The text of a batch: several steps of one kind in one prompt. It has a shared text, and then a part for each step."""

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

FORM_HEADING_START = "The form of "
"""The beginning of the heading of a section with the form of a document to create. The forms of two steps may differ
only in some lines, so a batch can show only the differences.
"""
CODE_HEADING = "Code"
"""The heading of the section of a prompt that lists files of code."""
STATE_LABEL = "State: "
"""The beginning of the line with the state of the item."""
UNSHARED_HEADING_STARTS = (
    *("Create", "Documents you may edit", "One of these two is your result", "Keep these lines true"),
    *("Decide", "Rules"),
)
"""Beginnings of the headings of sections with outputs and rules. Every part of a batch has these sections in full."""
DONE_WHEN_HEADING = "Done when"
"""The heading of the list of conditions under which a step is done. Prompts may share single entries of the list."""


class BatchText(NamedTuple):
    """The text of a batch, its token counts, and its reading list, in which each range of lines occurs once."""

    text: str
    tokens: Tokens
    read: tuple[ReadLines, ...]


def batch_text(prompts: Sequence[Prompt], names: Sequence[str], text: ReadText, counter: Counter) -> BatchText:
    """Return the batch of several prompts for steps of one kind. `names` are the names of the items of the prompts.

    The shared text and the part of a step together say the same as the prompt of this step. Each part has its own
    outputs, and its own conditions for the end of the step.
    """
    pieces_of_prompts = [_divide_pieces(pieces_of(prompt, text)) for prompt in prompts]
    shared_keys = _shared_keys(pieces_of_prompts)
    shared_pieces = [piece for piece in pieces_of_prompts[0] if _piece_key(piece) in shared_keys]
    form_by_heading = {piece.heading: piece for piece in pieces_of_prompts[0] if _is_differing_form(piece, shared_keys)}
    shared_text = text_of_pieces(
        [Piece("own", "", tuple(_opening_lines(prompts[0], names))), *shared_pieces, *form_by_heading.values()]
    )
    texts = [shared_text]
    for number, (prompt, pieces) in enumerate(zip(prompts, pieces_of_prompts, strict=True), 1):
        own_pieces = [
            _form_as_difference(piece, form_by_heading, names[0])
            for piece in pieces
            if _piece_key(piece) not in shared_keys
        ]
        part_text = text_of_pieces(own_pieces).strip().removeprefix("# ").removeprefix(f"{prompt.feature} ")
        texts.append(f"# Part {number} of {len(prompts)}: {name_paths_in_full(prompt.prompt, part_text)}")
    text_of_batch = tidy("\n\n".join(texts))
    read = tuple({(part.path, part.start, part.end): part for prompt in prompts for part in prompt.read}.values())
    own_tokens, tokens_to_read = counter.count(text_of_batch), sum(part.tokens for part in read)
    return BatchText(text_of_batch, Tokens(own_tokens, tokens_to_read, own_tokens + tokens_to_read, counter.name), read)


def _opening_lines(prompt: Prompt, names: Sequence[str]) -> Iterator[str]:
    """Yield the first lines of a batch: its title, and the way in which an agent works on the parts.

    `names` are the names of the items of the parts.
    """
    yield f"# {prompt.feature}: {counted_noun(len(names), 'part')} in one prompt"
    yield ""
    yield (
        f"The parts are {', '.join(names)}. Do one after the other; none waits for another. What comes before part 1 holds for "
        "each. If you must stop in one, go on with the next."
    )
    yield ""


def _divide_pieces(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of a prompt, divided into smaller pieces that several prompts may share.

    In the text of the task, each paragraph becomes a piece. In the paragraph with the state of the item, each line
    becomes a piece. Prompts can then share the first line of this paragraph, which is about the role, even if the
    states differ. The lines above a list of code files become a piece, too.
    """
    result: list[Piece] = []
    for piece in pieces:
        is_task = piece.kind == "own" and not piece.heading.startswith(UNSHARED_HEADING_STARTS)
        if is_task:
            for paragraph in _paragraphs(piece.lines):
                result += [Piece("own", piece.heading, lines) for lines in _line_groups(piece.heading, paragraph)]
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


def _line_groups(heading: str, paragraph: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the lines of a paragraph in groups that prompts may share separately.

    In the list below DONE_WHEN_HEADING, each entry is a group. In the paragraph with STATE_LABEL, each line is a group. Any
    other paragraph is one group.
    """
    if heading == DONE_WHEN_HEADING:
        starts = [0, *(number for number, line in enumerate(paragraph) if number and line.startswith("- "))]
        *items, last_item = [paragraph[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
        return [*items, (*last_item, "")]
    if any(line.startswith(STATE_LABEL) for line in paragraph):
        return [(line, "") for line in paragraph]
    return [(*paragraph, "")]


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of each paragraph, without blank lines. Blank lines separate the paragraphs."""
    paragraph: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield tuple(paragraph)
            paragraph = []


def _piece_key(piece: Piece) -> tuple[str, ...]:
    """Return a key of a piece. Two pieces of different prompts have the same key if their content is equal.

    The key is () for an output or a rule, which is never shared.
    """
    if piece.kind == "own" and piece.heading.startswith(UNSHARED_HEADING_STARTS):
        return ()
    units = [unit.key for unit in piece.units]
    return (piece.kind, piece.heading, *(units or without_trailing_blanks(piece.lines)))


def _shared_keys(pieces_of_prompts: Sequence[Sequence[Piece]]) -> set[tuple[str, ...]]:
    """Return the keys of the pieces that all prompts have; see `_piece_key`.

    Each element of `pieces_of_prompts` has the pieces of one prompt.
    """
    keys_of_prompts = [{_piece_key(piece) for piece in pieces} for pieces in pieces_of_prompts]
    return set.intersection(*keys_of_prompts) - {()}


def _is_differing_form(piece: Piece, shared_keys: set[tuple[str, ...]]) -> bool:
    """Tell whether a piece is a form whose text is not the same in all prompts."""
    return piece.heading.startswith(FORM_HEADING_START) and _piece_key(piece) not in shared_keys


def _form_as_difference(piece: Piece, form_by_heading: dict[str, Piece], first_name: str) -> Piece:
    """Return a form as a list of its differences from the form in the first prompt.

    If the list is not shorter than the form, return the whole form. Return any other piece as it is. `form_by_heading`
    has the forms in the first prompt, and `first_name` is the name of the item of this prompt.
    """
    form = form_by_heading.get(piece.heading)
    if form is None or not piece.heading.startswith(FORM_HEADING_START):
        return piece
    old_lines, new_lines = (_lines_inside_fence(form_piece.lines) for form_piece in (form, piece))
    if old_lines == new_lines:
        return piece._replace(lines=(f"As it is above, for {first_name}.", ""))
    lines = [f"As it is above for {first_name}, with these lines instead:", ""]
    for change in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        lines += _change_lines(*change, new_lines)
    is_shorter = sum(map(len, lines)) < sum(map(len, piece.lines))
    return piece._replace(lines=(*lines, "")) if is_shorter else piece


def _change_lines(
    kind: str, old_start: int, old_end: int, new_start: int, new_end: int, new_lines: Sequence[str]
) -> Iterator[str]:
    """Yield the lines that describe one difference between two forms. `kind` is the operation of `difflib`.

    `old_start` and `old_end` are a range of lines of the first form, `new_start` and `new_end` a range of `new_lines`.
    Starts are 0-based, and ends are exclusive. In the yielded text, line 1 is the first line inside the fence.
    """
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


def _lines_inside_fence(lines: Sequence[str]) -> list[str]:
    """Return the lines of a form that are inside its fence, which encloses the form with lines of backticks."""
    inner_lines = without_trailing_blanks(lines)
    while inner_lines and not inner_lines[0].startswith("```"):
        inner_lines.pop(0)
    return inner_lines[1:-1]
