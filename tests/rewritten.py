"""Real documents in the style of other authors: other names, words, dates, fields, headings, checkboxes and line ends.

A rewriting that means the same changes no state. If a rewriting means something else, Planmark reads the new meaning;
if it is in doubt, a diagnostic names it. Both may only make a state more cautious.
The workspace configures the German, Spanish and Japanese words of `SETTINGS`; it does not configure French and Polish
ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Literal, NamedTuple

from planmark.formats.planmark.documents.dates import parse_date
from planmark.formats.planmark.documents.statuses import ATTEMPT_PATTERN
from planmark.formats.planmark.documents.vocabulary import FIELDS, STATUSES, status_of
from planmark.plans.vocabulary import Status

STATUS_WORDS: dict[Status, tuple[str, ...]] = {
    "complete": ("Erledigt", "Terminado", "完了"),
    "in_progress": ("In Arbeit", "En curso", "進行中"),
    "blocked": ("Blockiert", "Bloqueado", "停止中"),
    "paused": ("Angehalten", "En pausa", "保留"),
    "abandoned": ("Abgebrochen", "Anulado", "中止"),
    "failed": ("Gescheitert", "Fallido", "失敗"),
    "ready": ("Bereit", "Listo", "準備完了"),
    "design": ("Entwurf", "Diseño", "設計中"),
    "design_complete": ("Entwurf fertig", "Diseño terminado", "設計済み"),
    "planning": ("In Planung", "Planificado", "計画中"),
    "not_started": ("Nicht begonnen", "Sin empezar", "未着手"),
}
"""Normal form → words that the workspace configures for it."""
FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "status": ("Zustand", "Estado", "状態"),
    "achievement": ("Ziel", "Logro", "達成"),
    "plan": ("Hauptplan", "Plan madre", "計画"),
    "review_date": ("Geprüft am", "Fecha de revisión", "レビュー日"),
    "dependencies": ("Abhängig von", "Depende de", "依存"),
}
"""Canonical field → names that the workspace configures for it."""
SETTINGS = "\n".join(
    (
        "[vocabulary.statuses]",
        *(f'"{word}" = "{form}"' for form, words in STATUS_WORDS.items() for word in words),
        "[vocabulary.fields]",
        *(f"{field} = {list(words)}" for field, words in FIELD_WORDS.items()),
        "",
    )
)
"""The planmark.toml of a workspace with these words."""
UNKNOWN_WORDS = ("Terminé", "Zrobione", "Finito", "Compl", "Completee", "OK", "100", "Finis!", "✔", "-")
"""Status words that the workspace does not configure."""
WORK = ("SUBPLAN_", "EXECUTION_TASK_", "APPROVED_", "FIX_")
EMOJI = ("🎯", "📋", "🚀", "📌")
"""Emoji that do not mean "done"."""

_STATUS = re.compile(
    r"^(?P<head>[^\w\n]{0,4}\*\*(?:\w+ )*?Status(?:\*\*:|:\*\*)[ \t]*)(?P<value>[^\r\n]*\S)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"^(?P<before>(?:[-*] )?)\*\*(?P<name>[A-Za-z][A-Za-z _-]*)\*\*:(?P<value>[^\r\n]*)", re.MULTILINE)
_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b(?!T)")
_HEADING = re.compile(r"^(?P<marks>#{2,6}) (?P<title>[^\r\n]*\S)", re.MULTILINE)
_BOX = re.compile(r"^(?P<item>\s*[-*] )\[(?P<mark>[xX ])\]", re.MULTILINE)
_NAMES = {name: canonical for canonical, names in FIELDS.items() for name in names}


class Written(NamedTuple):
    """A document: its file name, and its text."""

    name: str
    text: str


Says = Literal["same", "other", "doubt"]
"""The meaning of a rewritten text for a reader: the same, certainly a different one, or doubtful."""


class Rewriting(NamedTuple):
    """A way to rewrite a document: its kind, how a reader understands it, and the function that does it."""

    kind: str
    says: Says
    write: Callable[[Written, Random], Written]


def _named(rename: Callable[[str], str]) -> Callable[[Written, Random], Written]:
    """Return a rewriting that renames work documents; it leaves a PLAN as it is."""

    def write(old: Written, _: Random) -> Written:
        return Written(rename(old.name), old.text) if old.name.startswith(WORK) else old

    return write


OTHER_METHOD = {"SUBPLAN": "SUB-PLAN", "EXECUTION_TASK": "EXECUTION", "APPROVED": "Approved", "FIX": "NEEDS_FIXES"}


def _of_another_method(name: str) -> str:
    word = next(word for word in OTHER_METHOD if name.startswith(word))
    return OTHER_METHOD[word] + name.removeprefix(word)


def _texted(change: Callable[[str, Random], str]) -> Callable[[Written, Random], Written]:
    return lambda old, rng: Written(old.name, change(old.text, rng))


def _each(
    pattern: re.Pattern[str], change: Callable[[re.Match[str], Random], str], *, header: bool = False
) -> Callable[[Written, Random], Written]:
    """Return a rewriting that changes each match, or with `header` only the matches in the header of a section."""

    def write(text: str, rng: Random) -> str:
        end = re.search(r"^## ", text, re.MULTILINE) if header else None
        cut = end.start() if end else len(text)
        return pattern.sub(lambda match: change(match, rng), text[:cut]) + text[cut:]

    return _texted(write)


def _phrase(value: str) -> tuple[str, str, str, Status] | None:
    """Split a status value into the text before its word, the word, the text after it, and its normal form."""
    start = next((at for at, character in enumerate(value) if character.isalnum()), len(value))
    for phrase, form in STATUSES:
        word = value[start : start + len(phrase)]
        rest = value[start + len(phrase) :]
        if word.casefold() == phrase and not rest[:1].isalnum() and status_of(value) == form:
            return value[:start], word, rest, form
    return None


def _word(change: Callable[[str, Status, Random], str]) -> Callable[[Written, Random], Written]:
    """Return a rewriting that replaces the word of each status that the vocabulary knows."""

    def write(match: re.Match[str], rng: Random) -> str:
        parts = _phrase(match["value"])
        if parts is None:
            return match[0]
        before, word, rest, form = parts
        return match["head"] + before + change(word, form, rng) + rest

    return _each(_STATUS, write)


def _synonym(word: str, form: Status, rng: Random) -> str:
    return rng.choice([phrase for phrase, other in STATUSES if other == form] or [word])


def _configured(word: str, form: Status, rng: Random) -> str:
    return rng.choice(STATUS_WORDS.get(form, (word,)))


def _valued(change: Callable[[str, Random], str]) -> Callable[[Written, Random], Written]:
    """Return a rewriting that replaces the value of each status."""
    return _each(_STATUS, lambda match, rng: match["head"] + change(match["value"], rng))


def _plain(value: str) -> str:
    """Return a value without bold and without the text before its first letter."""
    return re.sub(r"^[^\w\[~<]+", "", value.replace("**", "")) or value


def _field(
    write: Callable[[re.Match[str], Random], str], *, header: bool = True
) -> Callable[[Written, Random], Written]:
    """Return a rewriting that changes each header field that the vocabulary knows."""
    return _each(
        _FIELD, lambda match, rng: write(match, rng) if match["name"].casefold() in _NAMES else match[0], header=header
    )


KEPT = ("review_date", "plan", "subplan")
"""Fields that a rewriting to unknown names keeps. Without a review date an APPROVED still counts; without a plan name a
document in a folder of several plans belongs to no plan."""


def _unread(write: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str], Random], str]:
    """Return a rewriting that makes every field unreadable, except the fields in `KEPT`."""
    return lambda match, _: match[0] if _NAMES[match["name"].casefold()] in KEPT else write(match)


def _other_name(names: Mapping[str, tuple[str, ...]]) -> Callable[[re.Match[str], Random], str]:
    def write(match: re.Match[str], rng: Random) -> str:
        own = match["name"]
        name = rng.choice(names.get(_NAMES[own.casefold()], (own,)))
        return f"{match['before']}**{name}**:{match['value']}"

    return write


SYNONYMS = {field: FIELDS[field] for field in ("achievement", "status", "dependencies", "reviewer", "created")} | {
    "plan": ("mother plan", "plan", "parent plan"),
    "review_date": ("review date", "reviewed on", "date of review", "approval date"),
}
"""Names that mean the same when one of them is in a header."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _dated(shape: str) -> Callable[[Written, Random], Written]:
    """Return a rewriting that writes each date of a field in a different form."""

    def write(match: re.Match[str], _: Random) -> str:
        if not parse_date(match[0]):
            return match[0]
        month = _MONTHS[int(match["month"]) - 1]
        return shape.format(
            y=match["year"], m=match["month"], d=match["day"], month=month, mon=month[:3], number=int(match["day"])
        )

    return _each(_FIELD, lambda field, rng: _DATE.sub(lambda match: write(match, rng), field[0]))


def _headed(change: Callable[[str, Random], str]) -> Callable[[Written, Random], Written]:
    return _each(_HEADING, lambda match, rng: f"{match['marks']} {change(match['title'], rng)}")


def _without_emoji(title: str, _: Random) -> str:
    return re.sub(r"^[^\w\[(*~<]+", "", title) or title


def _is_achievement(title: str) -> bool:
    return re.search("achievement", title, re.IGNORECASE) is not None


def _other_words(title: str, rng: Random) -> str:
    """Return other words for a heading. Keep attempts and achievements, because a status below belongs to them."""
    if ATTEMPT_PATTERN.match(title) or _is_achievement(title):
        return title
    return rng.choice(("Ziel", "Plan d'action", "Notes"))


def _boxed(mark: str, other: str) -> Callable[[Written, Random], Written]:
    """Return a rewriting that replaces the mark of each checkbox that has `mark` (`[x]` in any case, or `[ ]`)."""
    return _each(_BOX, lambda match, _: f"{match['item']}[{other}]" if match["mark"].casefold() == mark else match[0])


def _in_table(text: str, _: Random) -> str:
    """Write the header fields as a table of two columns."""
    end = re.search(r"^## ", text, re.MULTILINE)
    head, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    fields = list(_FIELD.finditer(head))
    if not fields or any("|" in field["value"] for field in fields):
        return text
    rows = "".join(f"| {field['name']} | {field['value'].strip()} |\n" for field in fields)
    table = f"| Field | Value |\n| --- | --- |\n{rows}"
    return f"{head[: fields[0].start()]}{table}{head[fields[-1].end() :]}{rest}"


def _in_front_matter(text: str, _: Random) -> str:
    """Write the header fields as YAML front matter."""
    end = re.search(r"^## ", text, re.MULTILINE)
    head, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    fields = [field for field in _FIELD.finditer(head) if field["value"].strip()]
    if not fields or text.startswith("---"):
        return text
    yaml = "".join(f"{field['name'].lower()}: {field['value'].strip()}\n" for field in fields)
    return f"---\n{yaml}---\n\n{_FIELD.sub('', head)}{rest}"


REWRITINGS: tuple[Rewriting, ...] = (
    Rewriting("name in small letters", "doubt", _named(str.lower)),
    Rewriting("name in mixed case", "doubt", _named(lambda name: name[:-3].title() + ".md")),
    Rewriting("name with dashes", "doubt", _named(lambda name: name.replace("_", "-"))),
    Rewriting("name with blanks", "doubt", _named(lambda name: name.replace("_", " "))),
    Rewriting("name with dots", "doubt", _named(lambda name: name.replace("_", "."))),
    Rewriting("name with the id", "doubt", _named(lambda name: re.sub(r"_(\d)(\d)(?=[_.])", r"_\1.\2", name))),
    Rewriting("extension in capitals", "doubt", _named(lambda name: name[:-3] + ".MD")),
    Rewriting("long extension", "doubt", _named(lambda name: name[:-3] + ".markdown")),
    Rewriting("name of another method", "doubt", _named(_of_another_method)),
    Rewriting("status in capitals", "same", _word(lambda word, _form, _rng: word.upper())),
    Rewriting("status in small letters", "same", _word(lambda word, _form, _rng: word.lower())),
    Rewriting("status by a synonym", "same", _word(_synonym)),
    Rewriting("status by a configured word", "same", _word(_configured)),
    Rewriting("status in bold", "same", _valued(lambda value, _: f"**{value.replace('**', '')}**")),
    Rewriting("status without emoji", "same", _valued(lambda value, _: _plain(value))),
    Rewriting("status with another emoji", "same", _valued(lambda value, rng: f"{rng.choice(EMOJI)} {_plain(value)}")),
    Rewriting("status with blanks", "same", _valued(lambda value, _: f"  {value} \t ")),
    Rewriting("status by an unknown word", "doubt", _word(lambda _word, _form, rng: rng.choice(UNKNOWN_WORDS))),
    Rewriting("status value that is unknown", "doubt", _valued(lambda _, rng: rng.choice(UNKNOWN_WORDS))),
    Rewriting(
        "status that is denied",
        "other",
        _valued(lambda value, rng: f"{rng.choice(('Not', 'not yet', 'Nearly', '90 %'))} {_plain(value)}"),
    ),
    Rewriting("status that is asked", "other", _valued(lambda value, _: f"{value}?")),
    Rewriting("status that is struck", "doubt", _valued(lambda value, _: f"~~{value.strip()}~~")),
    Rewriting("status in a comment", "doubt", _valued(lambda value, _: f"<!-- {value.strip()} -->")),
    Rewriting(
        "status with a homoglyph",
        "doubt",
        _valued(lambda value, _: value.replace("o", "\u043e").replace("C", "\u0421")),
    ),
    Rewriting(
        "status with a zero-width blank", "doubt", _word(lambda word, _form, _rng: f"{word[:3]}\u200b{word[3:]}")
    ),
    Rewriting("status that is empty", "doubt", _valued(lambda _value, _: "")),
    Rewriting("status that is a placeholder", "doubt", _valued(lambda value, _: f"[{_plain(value)}]")),
    Rewriting("date with slashes", "same", _dated("{y}/{m}/{d}")),
    Rewriting("date with dots", "same", _dated("{y}.{m}.{d}")),
    Rewriting("date with a month in full", "same", _dated("{month} {number}, {y}")),
    Rewriting("date with a short month", "same", _dated("{number} {mon} {y}")),
    Rewriting("date in bold", "same", _dated("**{y}-{m}-{d}**")),
    Rewriting("date, month first", "doubt", _dated("{m}/{d}/{y}")),
    Rewriting("date, day first", "doubt", _dated("{d}.{m}.{y}")),
    Rewriting("date that does not exist", "doubt", _dated("{y}-{m}-45")),
    Rewriting("date in Japanese", "doubt", _dated("{y}年{m}月{d}日")),
    Rewriting("date in words", "doubt", _dated("last Tuesday")),
    Rewriting("date that is short", "doubt", _dated("{m}-{d}")),
    Rewriting("fields in capitals", "same", _field(lambda m, _: f"{m['before']}**{m['name'].upper()}**:{m['value']}")),
    Rewriting(
        "fields in small letters", "same", _field(lambda m, _: f"{m['before']}**{m['name'].lower()}**:{m['value']}")
    ),
    Rewriting(
        "fields with the colon inside", "same", _field(lambda m, _: f"{m['before']}**{m['name']}:**{m['value']}")
    ),
    Rewriting(
        "fields with a full-width colon", "same", _field(lambda m, _: f"{m['before']}**{m['name']}**\uff1a{m['value']}")
    ),
    Rewriting("fields with underscores", "same", _field(lambda m, _: f"{m['before']}__{m['name']}__:{m['value']}")),
    Rewriting("fields by synonyms", "same", _field(_other_name(SYNONYMS))),
    Rewriting("fields by configured names", "same", _field(_other_name(FIELD_WORDS))),
    Rewriting(
        "all fields by configured names",
        "same",
        _field(_other_name({"dependencies": FIELD_WORDS["dependencies"]}), header=False),
    ),
    Rewriting("fields with an emoji", "doubt", _field(lambda m, _: f"{m['before']}**📌 {m['name']}**:{m['value']}")),
    Rewriting("fields without bold", "doubt", _field(lambda m, _: f"{m['before']}{m['name']}:{m['value']}")),
    Rewriting("fields in italics", "doubt", _field(lambda m, _: f"{m['before']}*{m['name']}*:{m['value']}")),
    Rewriting("fields in bold italics", "doubt", _field(lambda m, _: f"{m['before']}***{m['name']}***:{m['value']}")),
    Rewriting("fields in a list", "doubt", _field(lambda m, _: f"- **{m['name']}**:{m['value']}")),
    Rewriting("fields in a table", "doubt", _texted(_in_table)),
    Rewriting("fields in front matter", "doubt", _texted(_in_front_matter)),
    Rewriting("fields with a dash", "doubt", _field(lambda m, _: f"{m['before']}**{m['name']}** -{m['value']}")),
    Rewriting(
        "fields with an equals sign", "doubt", _field(lambda m, _: f"{m['before']}**{m['name']}** ={m['value']}")
    ),
    Rewriting(
        "unknown fields",
        "doubt",
        _field(_unread(lambda m: f"{m['before']}**Pole {m['name'][::-1]}**:{m['value']}")),
    ),
    Rewriting("fields quoted", "doubt", _field(_unread(lambda m: f"> **{m['name']}**:{m['value']}"))),
    Rewriting("headings without emoji", "same", _headed(_without_emoji)),
    Rewriting("headings with an emoji", "same", _headed(lambda title, rng: f"{rng.choice(EMOJI)} {title}")),
    Rewriting(
        "headings in capitals", "same", _headed(lambda title, _: title if _is_achievement(title) else title.upper())
    ),
    Rewriting(
        "achievements in capitals",
        "doubt",
        _headed(lambda title, _: title.upper() if _is_achievement(title) else title),
    ),
    Rewriting("headings in bold", "same", _headed(lambda title, _: f"**{title}**" if "*" not in title else title)),
    Rewriting("headings with closing marks", "same", _headed(lambda title, _: f"{title} ##")),
    Rewriting("headings in other words", "doubt", _headed(_other_words)),
    Rewriting("boxes with a capital", "same", _boxed("x", "X")),
    Rewriting("boxes that are partly ticked", "other", _boxed("x", "~")),
    Rewriting("boxes with a dash", "other", _boxed("x", "-")),
    Rewriting("boxes with an open mark", "other", _boxed("x", " ")),
    Rewriting("boxes without a blank", "doubt", _boxed(" ", "")),
    Rewriting("boxes that are open otherwise", "doubt", _boxed(" ", ">")),
    Rewriting("lines that end in CRLF", "same", _texted(lambda text, _: re.sub(r"\r?\n", "\r\n", text))),
    Rewriting("a byte order mark", "same", _texted(lambda text, _: "\ufeff" + text.removeprefix("\ufeff"))),
    Rewriting("no end of the last line", "same", _texted(lambda text, _: text.rstrip("\r\n"))),
    Rewriting("blanks at the ends of lines", "same", _texted(lambda text, _: re.sub(r"(?<=\S)(?=\r?\n)", "  ", text))),
)
"""Every rewriting."""
