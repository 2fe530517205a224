"""A prompt as a value, with its options, its token counts and its reading list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from planmark.plans.evaluation import PlanEvaluation, step_for
from planmark.plans.model import AchievementState, NextStep, Role, Step
from planmark.plans.preflight import PreflightFinding
from planmark.prompts.budget import Dropped
from planmark.prompts.learned import NO_REFERENCES, CaseReference, PatternReference, PromptReferences
from planmark.prompts.parts import UNKNOWN_WORK, Part, WorkUnderReview
from planmark.prompts.render import BUILT_IN_RENDERER, Renderer
from planmark.prompts.tokens import ESTIMATING_COUNTER_NAME, EXACT_ENCODING, count_tokens_exactly, estimate_tokens


class ReadLines(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines to read (1-based and inclusive), the reason to read them, and their number of tokens."""

    path: str
    start: int
    end: int
    why: str
    tokens: int


class QuotedLines(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Lines that the prompt quotes (1-based and inclusive), and the reason to quote them. Blank lines at the end are
    left out.
    """

    path: str
    start: int
    end: int
    why: str


class PromptDiagnostic(NamedTuple):
    """A diagnostic as a prompt shows it: the path, the 1-based line, and the message."""

    path: str
    line: int
    message: str


class Tokens(msgspec.Struct, frozen=True):
    """The number of tokens of the prompt, of its reading list, and of both together, with the name of the counter."""

    prompt: int
    to_read: int
    total: int
    counter: str


class Prompt(msgspec.Struct, frozen=True):
    """A prompt as `next --json` shows it, without the field `run`.

    `preflight` holds the findings of the preflight, and `quoted` the passages that the text quotes, in order. `through`
    are the steps that one agent does with this prompt, () for a prompt of one step. `similar` and `patterns` are its
    references to earlier work and to known failures.
    """

    plan: str
    feature: str
    achievement: str | None
    step: Step
    role: Role
    tier: int
    reason: str
    prompt: str
    tokens: Tokens
    budget: int
    read: tuple[ReadLines, ...]
    do_not_read: tuple[str, ...]
    writes: tuple[str, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]
    ref: str | None = None
    group: str | None = None
    part: str | None = None
    preflight: tuple[PreflightFinding, ...] = ()
    similar: tuple[CaseReference, ...] = ()
    patterns: tuple[PatternReference, ...] = ()
    quoted: tuple[QuotedLines, ...] = ()
    through: tuple[Step, ...] = ()


class NothingToDoError(Exception):
    """The achievement is approved or dropped, so that it has no step. The message names the file that decided."""


def workable_step(evaluation: PlanEvaluation, achievement: AchievementState) -> NextStep:
    """Return the step of an achievement. Raises NothingToDoError if the achievement is approved or dropped.

    An approved achievement has the step `rename_document` if a misnamed FIX may have reopened the achievement.
    """
    if achievement.state == "approved" and achievement.step != "rename_document":
        raise NothingToDoError(f"{achievement.id} is approved ({achievement.verdict}): there is nothing to do")
    if achievement.state == "dropped":
        place = f"{achievement.path}:{achievement.evidence[0].line}: {achievement.evidence[0].says}"
        raise NothingToDoError(f"{achievement.id} is dropped ({place}): there is nothing to do")
    return step_for(evaluation.state, achievement, evaluation.decisions[achievement.id])


class Counter(NamedTuple):
    """A counter of tokens: its name, and the function that returns the number of tokens of a text."""

    name: str
    count: Callable[[str], int]


ESTIMATING_COUNTER = Counter(ESTIMATING_COUNTER_NAME, estimate_tokens)
EXACT_COUNTER = Counter(EXACT_ENCODING, count_tokens_exactly)


class PromptOptions(NamedTuple):
    """The options of a prompt.

    If `token_budget` is None, the settings decide the budget. `counter` counts the tokens. `findings` are the
    diagnostics of the plan, for the step `verify`. `renderer` renders the text. `part` is the part of the step that the
    prompt is for, None for a whole step. `work` holds the changes that git shows.

    `preflight` holds the findings of preflight about the achievement. `references` name earlier work and known
    failures. They are left out first if the prompt exceeds its budget. If `goes_on`, the prompt is for all steps of the
    achievement that one agent can do.
    """

    token_budget: int | None = None
    counter: Counter = ESTIMATING_COUNTER
    findings: tuple[PromptDiagnostic, ...] = ()
    renderer: Renderer = BUILT_IN_RENDERER
    part: Part | None = None
    work: WorkUnderReview = UNKNOWN_WORK
    preflight: tuple[PreflightFinding, ...] = ()
    references: PromptReferences = NO_REFERENCES
    goes_on: bool = False


DEFAULT_OPTIONS = PromptOptions()
MAX_FINISHING_TOKENS = 400
"""Maximum number of tokens of the prompt for the step `finish_execution`, which fixes the findings of preflight."""
UNMASKED_NOTE = "no credential is masked in the prompt: your own settings say so"
"""The note for the user if the setting `prompts.maskSecrets` is off."""


class HasPath(Protocol):
    """A value with the path of a document, such as a passage."""

    @property
    def path(self) -> str:
        """The path of the document."""


PassageT = TypeVar("PassageT", bound=HasPath)


def passages_with_names(passages: Iterable[PassageT]) -> Iterator[tuple[PassageT, str]]:
    """Yield pairs: a passage, and the name by which the prompt mentions its document.

    For the first passage of a document, the name is the path. For later passages, it is the file name. If `passages`
    has two documents with this file name, it is always the path.
    """
    passages, seen_paths = list(passages), set[str]()
    folders_by_name: dict[str, set[str]] = {}
    for passage in passages:
        folder, _, name = passage.path.rpartition("/")
        folders_by_name.setdefault(name, set()).add(folder)
    for passage in passages:
        name = passage.path.rpartition("/")[2]
        yield passage, name if passage.path in seen_paths and len(folders_by_name[name]) == 1 else passage.path
        seen_paths.add(passage.path)


def masking_note(counts: Mapping[str, int]) -> str:
    """Return the note for the user about the masked credentials; "" if nothing was masked.

    `counts` maps a kind of credential to the number of masked texts of this kind.
    """
    if not counts:
        return ""
    kinds = ", ".join(f"{name} ({number})" if number > 1 else name for name, number in counts.items())
    return f"masked in the prompt, since it looks like a credential: {kinds}; the documents still hold it"


MAX_SHORT_PASSAGE_LINES = 20
"""Maximum number of lines of a short passage. A prompt quotes short passages, and names longer passages to read."""
