"""The vocabulary of the documents: header fields, status words, section names, and how to compare them.

Comparisons ignore emoji, bold and case (the methodology, §2.1, §2.2 and §2.5). The tables are defaults: a workspace
with other words passes its own `Vocabulary`.
"""

from __future__ import annotations

import functools
import re

from planmark.plans.vocabulary import Status, Vocabulary
from planmark.text.lazy_pattern import lazy_pattern
from planmark.text.lookalikes import INVISIBLE_CHARACTERS

_DECISION_WORDS = (
    *("review", "reviewed", "approval", "approved", "resolution", "resolved", "fix", "fixed", "decision", "decided"),
    *("verdict", "signed", "signed off", "sign-off", "signed-off"),
)
"""Words for a decision, from which the names of date fields are formed."""
REVIEW_DATE_FIELDS = (
    *("review date", "date", "dated", "timestamp", "date and time", "date/time", "reviewed", "approved", "resolved"),
    *(
        f"{subject} {time_word}"
        for subject in _DECISION_WORDS
        for time_word in ("date", "on", "at", "time", "timestamp", "day")
    ),
    *(f"date {subject}" for subject in _DECISION_WORDS),
    *(f"date of {article}{subject}" for subject in _DECISION_WORDS for article in ("", "the ")),
)
"""Names of fields with the date of a decision by a reviewer or an executor.

A field whose name is one word may also contain a different value, such as the name of a person.
"""

FIELDS: dict[str, tuple[str, ...]] = {
    "plan": ("mother plan", "plan", "parent plan", "related plan"),
    "achievement": ("achievement", "achievement addressed", "achievements addressed", "achievement number"),
    "subplan": ("subplan", "parent subplan"),
    "status": ("status",),
    "review_date": REVIEW_DATE_FIELDS,
    "reopens": ("reopens", "re-opens"),
    "created": ("created", "created on", "creation date", "date created", "created at", "created date"),
    "reviewer": ("reviewer", "reviewed by"),
    "executor": ("executor", "executed by"),
    "dependencies": (
        *("dependencies", "depends on", "dependency", "blocked by", "prerequisites", "prerequisite"),
        *("requires", "needs", "after", "hard dependencies", "hard dependency", "dependent on", "depends upon"),
        *("prereqs", "prereq", "deps", "waits for", "waits on"),
    ),
    "blocks": ("blocks", "unblocks"),
    "blocker": ("blocker", "blockers", "blocking issue", "blocking issues"),
    "priority": ("priority", "plan priority", "prio"),
    "effort": ("effort", "estimated effort", "estimated time", "time"),
    "deliverables": ("deliverables", "deliverable"),
    "success": ("success", "success criteria"),
    "execution_count": ("execution count",),
    "model_tier": ("model tier", "tier"),
    "archive_location": ("archive location",),
    "objective": ("objective", "objectives", "goal"),
    "approach": ("approach",),
}
"""Mapping from the canonical name of a field to the case-folded names of this field in documents."""

STATUSES: tuple[tuple[str, Status], ...] = (
    ("design phase complete", "design_complete"),
    ("design complete", "design_complete"),
    ("design phase - ready", "design_complete"),
    ("design phase", "design"),
    ("design", "design"),
    ("implementation complete", "complete"),
    ("completed", "complete"),
    ("complete", "complete"),
    ("done", "complete"),
    ("blocked", "blocked"),
    ("paused", "paused"),
    ("on hold", "paused"),
    ("on-hold", "paused"),
    ("waiting", "paused"),
    ("deferred", "paused"),
    ("suspended", "paused"),
    ("postponed", "paused"),
    ("abandoned", "abandoned"),
    ("cancelled", "abandoned"),
    ("canceled", "abandoned"),
    ("superseded", "abandoned"),
    ("obsolete", "abandoned"),
    ("rejected", "abandoned"),
    ("won't do", "abandoned"),
    ("won\u2019t do", "abandoned"),
    ("won\u00b4t do", "abandoned"),
    ("won`t do", "abandoned"),
    ("wont do", "abandoned"),
    ("won't fix", "abandoned"),
    ("wontfix", "abandoned"),
    ("obsoleted", "abandoned"),
    ("will not do", "abandoned"),
    ("dropped", "abandoned"),
    ("withdrawn", "abandoned"),
    ("discontinued", "abandoned"),
    ("aborted", "abandoned"),
    ("replaced by", "abandoned"),
    ("merged into", "abandoned"),
    ("skipped", "skipped"),
    ("closed", "skipped"),
    ("archived", "archived"),
    ("failed", "failed"),
    ("in progress", "in_progress"),
    ("executing", "in_progress"),
    ("starting execution", "in_progress"),
    ("active", "in_progress"),
    ("not started", "not_started"),
    ("ready", "ready"),
    ("pending", "ready"),
    ("planning", "planning"),
    ("planned", "planning"),
)
"""Pairs of the first words of a status value and the normal form of the status. The first pair that matches decides."""

DECIDING_FIELDS = (
    "final status",
    "completion status",
    "execution_task status",
    "execution task status",
    "execution status",
    "overall status",
)
"""Fields other than Status that state the outcome of an execution. Any other `… Status` has a different subject."""

_REST_OF_ISSUES_HEADING = r"(?: (?:issues?|problems?|defects?|fix(?:es)?|bugs?|items?|points?)\b|\s*(?:$|[^\w\s]))"
"""Pattern for the text after Critical or Minor in a heading of issues.

"Critical Finding Documentation" is praise, not a list of issues.
"""

_NOT_COMPLETED = r".*\b(?:not|no|never|nearly|almost|partly|partially|if|when|once|after|unless|until|before|how|to|mark|is|criteria|definition)\b"
"""Pattern for words of a heading that asks for the completion, or denies the completion."""

SECTIONS: dict[str, str] = {
    "achievement_index": r"achievements? index\b",
    "handoff": r"current status\b",
    "tracking": r"(?:current status|subplan tracking|progress)\b",
    "objective": r"(?:\w+ ){0,2}?(?:objectives?|goals?)\b",
    "approach": r"(?:.* )?approach\b",
    "active_tasks": r"active execution[ _]tasks?\b",
    "planned_executions": r"planned executions?\b",
    "synthesis": r"execution results synthesis\b",
    "completion": r"(?:.* )?completion (?:status|checklist)\b",
    "achievement_complete": rf"(?!{_NOT_COMPLETED})(?:.* )?achievement complete[^\w?]*$",
    "blocker": r"block(?:ers?|ing issues?)\b",
    "iteration": r"iteration\b",
    "log": r"(?:.* )?(?:iterations?|log)\b",
    "critical": rf"critical{_REST_OF_ISSUES_HEADING}",
    "major": rf"major{_REST_OF_ISSUES_HEADING}",
    "minor": rf"minor{_REST_OF_ISSUES_HEADING}",
    "learnings": r"(?:key )?(?:learnings?|lessons)\b",
    "deliverables": r"(?:.* )?deliverables?\b|what needs to be created\b",
    "files": r"(?:new |existing )?files? (?:to (?:be )?)?(?:creat|modif|updat|chang|edit|extend|add|delet|remov|touch|affect)",
    "success": r"success criteria\b",
    "tests": r"tests?\b|testing\b",
    "what_worked": r"what worked\b|positive\b|strengths\b",
}
"""Mapping from the name of a section to the pattern for the beginning of its heading. The pattern is for a heading in
the form that `heading_key` returns.
"""


DEFAULT_VOCABULARY = Vocabulary(FIELDS, STATUSES)

_BEFORE_FIRST_LETTER = lazy_pattern(r"[\W\d_]+")
_BEFORE_FIRST_WORD = lazy_pattern(rf"(?:[^\w\[]|_)+(?<![{INVISIBLE_CHARACTERS}])")
"""Pattern for the text before the first word.

Invisible characters in a word are kept, because a word with invisible characters is a different word.
"""
_WORD_CONTINUATION = lazy_pattern(rf"[^\W_]|[{INVISIBLE_CHARACTERS}]")
_WORD_CHARACTER = lazy_pattern(r"\w")
_PART_SEPARATOR = lazy_pattern(r"[,(\[–—]|\s-+|(?<!-)-+\s")
_STRUCK_OR_COMMENT = lazy_pattern(r"~~.*?~~|<(?P<tag>del|s|strike)>.*?</(?P=tag)>|<!--.*?(?:-->|$)", re.IGNORECASE)
"""Pattern for text of a value that is struck through or inside a comment."""
_DENIED_VALUE = lazy_pattern(
    r"(?P<all>100\s*%\s*(?:complete|completed|done)\b)|(?:in|un)(?:completed?|finished|done|blocked|resolved)\b"
    r"|(?:(?:not|no longer|never|nearly|almost|mostly|partly|partially|largely|half|\d{1,3}(?:[.,]\d+)?\s*%)\W{0,3}"
    r"(?:(?:yet|quite|fully|entirely|really|being)\s+){0,3}"
    r"(?:complete|completed|done|finished|blocked|paused|abandoned|cancell?ed|superseded|obsolete|skipped|failed|closed)\b)"
)
"""Pattern for a value that denies or restricts a word of the vocabulary: `incomplete`, `not blocked`, `90 % done`."""
_PARTLY_VALUE = lazy_pattern(
    r"[a-z]+(?: [a-z]+)?\W{0,4}(?:(?!100\b)\d{1,2}(?:[.,]\d+)?\s*%\W*$|(?:no|not|not yet|false)\W*$|\?"
    r"|(?<!\d)(?P<number>\d{1,4})\s*(?:/|of|out of)\s*(?P<of>\d{1,4})(?![\d/-])"
    r"|(?:in part|partly|partial(?:ly)?|mostly|almost|nearly|largely)\W*$"
    r"|(?:except|apart from|aside from|once|when|if|unless|until)\b"
    r"|(?:but )?(?:not (?:yet )?(?:tested|working)|(?:the )?tests? (?:still )?fail(?:s|ing|ed)?)\b)"
    r"|[a-z]+(?: [a-z]+)?\s*(?:[/|,;:(\u2192\u21d2\u2013\u2014-]|[-=]>)\s*"
    r"(?:in progress|not started|to ?do|blocked|re-?opened|reverted)\b"
    r"|[a-z]+(?: [a-z]+)?\s*[❌✗✘✖⏳⌛🚧]\W*$"
)
"""Pattern for a value that restricts or withdraws the meaning of its first word.

Examples: `Complete (90 %)`, `Done: 2/3`, `Complete: not yet`, `Done?`, `Complete (partially)`, `Complete except the
docs`, `Complete → reopened`, `Complete / In Progress`.
"""
CLOSING_STATUSES: tuple[Status, ...] = ("abandoned", "skipped", "archived", "failed")
"""Statuses with which work ends without being done."""
_DOUBTFUL_VALUE = lazy_pattern(r"[a-z]+(?: [a-z]+)?(?:\W{0,4}\?\W*|\s*:\s*(?:no|not|not yet|false)\W*)")
"""Pattern for a closing status in doubt: `Failed?`, `Skipped: no`."""
_SECTION_PATTERNS = {name: lazy_pattern(pattern) for name, pattern in SECTIONS.items()}
_ANY_SECTION = lazy_pattern("|".join(f"(?:{pattern})" for pattern in SECTIONS.values()))


@functools.lru_cache(maxsize=4096)
def heading_key(title: str) -> str:
    """Return the form of a title for comparisons: without bold, case-folded, from the first letter on."""
    bare_text = title.replace("*", "").replace("\ufe0f", "").strip().casefold()
    return _BEFORE_FIRST_LETTER.sub("", bare_text, count=1) if _BEFORE_FIRST_LETTER.match(bare_text) else bare_text


@functools.lru_cache(maxsize=4096)
def section_names_opened_by(title: str) -> frozenset[str]:
    """Return the keys of SECTIONS that a heading with the title `title` opens. Most headings open no section."""
    key = heading_key(title)
    if not _ANY_SECTION.match(key):
        return frozenset()
    return frozenset(name for name, pattern in _SECTION_PATTERNS.items() if pattern.match(key))


def opens_section(title: str, name: str) -> bool:
    """Tell whether a heading with the title `title` opens the section `name` (a key of `SECTIONS`)."""
    return name in section_names_opened_by(title)


def is_field(name: str, field: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY) -> bool:
    """Tell whether a field with the name `name` is the canonical `field` (a key of `FIELDS`)."""
    return heading_key(name) in vocabulary.fields[field]


def is_deciding_field(name: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY) -> bool:
    """Tell whether a field with the name `name` states the outcome of its document.

    The name of such a field is Status or one of `DECIDING_FIELDS`.
    """
    return is_field(name, "status", vocabulary) or heading_key(name) in DECIDING_FIELDS


def is_placeholder(value: str) -> bool:
    """Tell whether a value is only `[…]`: a placeholder of a template."""
    word = _WORD_CHARACTER.search(value)
    start = value.rfind("[", 0, word.start()) if word else value.find("[")
    end = value.find("]", start) if start >= 0 else -1
    return end >= 0 and not _WORD_CHARACTER.search(value, end)


def status_of(value: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY) -> Status | None:
    """Return the normal form of a status value.

    Return None if the value is empty, a placeholder or not in the vocabulary. If the value denies or restricts a word
    of the vocabulary, return `in_progress`. Examples are `incomplete`, `not blocked` and `90 % complete`. Struck-out
    text and comments are ignored.
    """
    normal_form = _normal_form(without_comments(value))
    status = _leading_status(normal_form, vocabulary)
    if status is None:
        match = _DENIED_VALUE.match(normal_form)
        return None if match is None else "complete" if match["all"] else "in_progress"
    if status in CLOSING_STATUSES and _DOUBTFUL_VALUE.fullmatch(normal_form):
        return "in_progress"
    return "in_progress" if status == "complete" and _says_partly(normal_form) else status


def _says_partly(normal_form: str) -> bool:
    """Tell whether a value says that only a part is done, such as `2 of 5`."""
    match = _PARTLY_VALUE.match(normal_form)
    return match is not None and (match["number"] is None or int(match["number"]) < int(match["of"]))


def is_blocked(value: str, vocabulary: Vocabulary = DEFAULT_VOCABULARY) -> bool:
    """Tell whether a value says Blocked at its start or after a comma, dash or bracket (the methodology, §3.3)."""
    if is_placeholder(value):
        return False
    return any(
        _leading_status(_normal_form(part), vocabulary) == "blocked"
        for part in _PART_SEPARATOR.split(without_comments(value))
    )


def without_comments(value: str) -> str:
    """Return `value` without struck-out text and comments."""
    return _STRUCK_OR_COMMENT.sub("", value).strip()


def _normal_form(value: str) -> str:
    """Return the form of a value for comparisons: case-folded, without bold, from the first word on."""
    bare_text = " ".join(value.replace("*", "").replace("\ufe0f", "").split()).casefold()
    return _BEFORE_FIRST_WORD.sub("", bare_text, count=1) if _BEFORE_FIRST_WORD.match(bare_text) else bare_text


def _leading_status(normal_form: str, vocabulary: Vocabulary) -> Status | None:
    """Return the status whose phrase in the vocabulary begins the value `normal_form`, else None."""
    for phrase, status in vocabulary.statuses:
        if normal_form.startswith(phrase) and not _WORD_CONTINUATION.match(normal_form, len(phrase)):
            return status
    return None
