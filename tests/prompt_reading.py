"""Reads a prompt as the agent that receives it: what it lacks, and where it contradicts itself or the files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from planmark.prompts.prompt import Prompt

ORDER = (
    *(
        "What the documents say",
        "Read exactly this",
        "Code",
        "Create",
        "Documents you may edit",
        "Keep these lines true",
    ),
    *("Prove it", "Stop and ask", "Commit", "Done when"),
)
"""The headings of a prompt that have an order."""
WORKING = frozenset(
    {
        *("create_execution", "next_execution", "continue_execution", "address_fix"),
        *("implement_task", "continue_task", "execute_plan"),
    }
)
"""Steps that change code, so that a proof is asked for."""
ENDED = frozenset({"request_review", "re_review", "confirm_state", "closed", "rename_document"})
"""Steps whose prompt ends in words of its own instead of `Done when`."""
PLACEHOLDER = re.compile(
    r"\[(?:FEATURE|NN|EE|X\.Y|PLAN|TODO|FILL|TO BE FILLED)|(?<![\w/.-])(?:REF|CAPABILITY|path/to)(?![\w])|-NN-|-NAME\b"
)
_PATH = re.compile(r"`(?P<path>(?!\.\./|~|/|@|-|git |planmark )[^`\s*{}<>$|=:]+/[^`\s*{}<>$|=:]*)`")
_SAID = re.compile(
    r"not there|There is no|does not exist|do not exist|a pattern|no clear path|is missing|to be created|neither|is gone|with advice"
)


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_LINES = re.compile(r"`(?P<path>[^`\s]+)` (?P<ranges>lines? \d+(?:-\d+)?(?:(?:, | and )lines? \d+(?:-\d+)?)*)")
_RANGE = re.compile(r"lines? (?P<start>\d+)(?:-(?P<end>\d+))?")
_TORN = re.compile(r"(?:^|[\s(:])\d{1,2}\.$|[:：]$|^\[[^\]]*\]$")
"""A goal that ends with the number of an entry or with a colon, or that is a place to fill in."""


def own_words(prompt: str) -> list[str]:
    """Return the lines of a prompt that are neither quoted nor part of the form of a file, without its title."""
    without_forms = re.sub(r"^```markdown\n.*?^```$", "", prompt, flags=re.MULTILINE | re.DOTALL)
    return [line for line in without_forms.split("\n") if not line.startswith((">", "# "))]


def faults(prompt: Prompt, exists: Callable[[str], bool], *, has_goal: bool) -> Iterator[str]:
    """Yield what is wrong with a prompt. `exists` tells whether a file exists, `has_goal` whether its plan states a goal."""
    own = own_words(prompt.prompt)
    headings = [line[3:] for line in own if line.startswith("## ")]
    placed = [ORDER.index(heading) for heading in headings if heading in ORDER]
    if placed != sorted(placed):
        yield f"the sections are not in order: {headings}"
    edited = _listed(own, "## Documents you may edit")
    needed = {read.path for read in prompt.read} | set(prompt.writes) | edited
    needed |= set(re.findall(r"^`([^`]+/[^`]+)` lines? ", prompt.prompt, re.MULTILINE))
    if forbidden := needed & set(prompt.do_not_read):
        yield f"to be read and not to be read: {forbidden}"
    if len(prompt.do_not_read) > 5:
        yield f"{len(prompt.do_not_read)} documents are not to be read"
    yield from (f"to be created, and there: {path}" for path in prompt.writes if exists(path))
    yield from (f"named twice, or as new and as old: {path}" for path in edited & set(prompt.writes))
    for path in (*prompt.do_not_read, *(read.path for read in prompt.read)):
        if not exists(path):
            yield f"does not exist: {path}"
    missing = {match["path"] for line in own if _SAID.search(line) for match in _PATH.finditer(line)}
    for line in own:
        # A prompt to fill in a document names the places to fill in, and so does the reason of that step.
        names_places = prompt.step.startswith("fill_") or "placeholders to fill in: " in line
        if PLACEHOLDER.search(line.partition("[TO BE FILLED")[0] if names_places else line):
            yield f"a placeholder: {line}"
        # What follows the lines of a passage, in its heading or in the list of what to read, is the title of a section.
        for match in _PATH.finditer(re.sub(r"^((?:- )?`[^`]+` lines? [\d-]+).*", r"\1", line)):
            path = match["path"]
            if _is_file(path) and path not in missing and path not in prompt.writes and not exists(path):
                yield f"neither there nor said to be missing: {path} in {line!r}"
    yield from _read_twice(prompt)
    yield from _said_twice(own)
    yield from _not_at_hand(prompt, own)
    if "The goal of the plan:" in own:
        goal = prompt.prompt.partition("The goal of the plan:\n\n> ")[2].partition("\n")[0]
        if _TORN.search(goal):
            yield f"a goal that is torn: {goal!r}"
    if prompt.step in WORKING:
        yield from (f"no section {name}" for name in ("Prove it", "Stop and ask") if name not in headings)
    if "Done when" not in headings and prompt.step not in ENDED:
        yield f"no end of {prompt.step}"
    if has_goal and prompt.step in WORKING and "The goal of the plan:" not in own:
        yield "no goal"


def _read_twice(prompt: Prompt) -> Iterator[str]:
    """Yield the ranges that a different range of the reading list contains, and code that is a document to read."""
    for one in prompt.read:
        for other in prompt.read:
            if one is not other and one.path == other.path and other.start <= one.start and one.end <= other.end:
                yield f"to be read twice: {one.path} {one.start}-{one.end}"
    for line in prompt.prompt.split("\n"):
        if line.startswith("- `") and line.endswith("` (not there)"):
            name = line[3 : line.index("` (")]
            if any(read.path.endswith(f"/{name}") for read in prompt.read):
                yield f"not there, and to be read: {name}"


def _said_twice(own: list[str]) -> Iterator[str]:
    """Yield the sentences that occur twice in the words of a prompt."""
    texts = [re.sub(r"^(?:- |\d+\. )", "", line) for line in own if not line.startswith(("#", "  - "))]
    said = Counter(sentence for text in texts for sentence in _SENTENCE.split(text) if len(sentence.split()) > 4)
    yield from (f"said {times} times: {sentence}" for sentence, times in said.items() if times > 1)


def _not_at_hand(prompt: Prompt, own: list[str]) -> Iterator[str]:
    """Yield the lines about tests that a prompt tells to follow, and that it neither quotes nor names to be read."""
    shown = {read.path: {*range(read.start, read.end + 1)} for read in prompt.read}
    for read in prompt.read:
        shown[read.path] |= {*range(read.start, read.end + 1)}
    for line in own:
        if quoted := re.match(r"`([^`]+)` lines? (\d+)(?:-(\d+))?, ", line):
            shown.setdefault(quoted[1], set()).update(range(int(quoted[2]), int(quoted[3] or quoted[2]) + 1))
    for line in own:
        if "says about tests" not in line or "left out above" in line:
            continue
        for named in _LINES.finditer(line):
            lines = {number for path, numbers in shown.items() if _same(path, named["path"]) for number in numbers}
            for one in _RANGE.finditer(named["ranges"]):
                # The last lines of a section may be blank, and are not quoted then.
                if int(one["start"]) not in lines:
                    yield f"to be followed, and not at hand: {named['path']} {one[0]}"


def _same(path: str, other: str) -> bool:
    return path == other or path.endswith(f"/{other}") or other.endswith(f"/{path}")


def _listed(own: list[str], heading: str) -> set[str]:
    """Return the paths in the list below a heading."""
    if heading not in own:
        return set()
    below = own[own.index(heading) + 1 :]
    end = next((at for at, line in enumerate(below) if line.startswith("## ")), len(below))
    return {line[3:-1] for line in below[:end] if line.startswith("- `")}


def _is_file(path: str) -> bool:
    """Tell whether a name in backticks is the path of a file or folder, not of a command, a group or a fraction."""
    return path.endswith("/") or re.search(r"\.[A-Za-z][A-Za-z0-9]{0,9}$", path) is not None
