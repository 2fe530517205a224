"""Checks of the structure of documents: their sections and size, and how a PLAN writes its achievements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from planmark.diagnostics.codes import make_diagnostic
from planmark.diagnostics.rule_inputs import DocumentInput
from planmark.documents.achievements import defining_line, title_words
from planmark.documents.file_names import Kind
from planmark.documents.parsed_source import header_field, sections_with_name
from planmark.documents.plan import Achievement, Reason
from planmark.plans.diagnostic import Diagnostic, Related, Severity
from planmark.plans.effort import total
from planmark.text.pluralize import counted
from planmark.workflow.plan_state import PlanEvaluation
from planmark.workspace.settings import DEFAULTS
from planmark.workspace.snapshot import PlanDocuments, Snapshot


class RequiredSection(NamedTuple):
    """A section that a kind of document needs: a key of `vocabulary.SECTIONS`, the heading to write, and its content."""

    name: str
    heading: str
    holds: str


REQUIRED_SECTIONS: dict[Kind, tuple[RequiredSection, ...]] = {
    "plan": (
        RequiredSection("objective", "🎯 Goal", "what is true when the plan is done"),
        RequiredSection("handoff", "📝 Current Status & Handoff", "what the next person has to know"),
    ),
    "subplan": (
        RequiredSection("objective", "🎯 Objective", "what is true when the achievement is done"),
        RequiredSection("approach", "📝 Approach", "the steps, in order"),
        RequiredSection("deliverables", "📋 Deliverables", "the files that exist when it is done"),
    ),
    "execution_task": (
        RequiredSection("log", "📝 Iteration Log", "what was tried, and what came of it"),
        RequiredSection("learnings", "📚 Learning Summary", "what the next execution should know"),
    ),
}
"""Kind → the sections that it needs, in their order (the methodology, §2.4 to §2.6)."""
_PLAIN = re.compile(
    r"(?P<lead>[^\w#*]*)Achievement\s+[0-9.]{1,12}[0-9](?P<aside>[^:–—*]{0,200}?)\s{0,9}[:–—]\s*(?P<rest>.*)$"
)
_ALL_BOLD = re.compile(
    r"(?P<lead>[^\w#*]*)\*\*[^\w*]*Achievement\s+[0-9.]{1,12}[0-9](?P<aside>[^:–—*]{0,200}?)\s{0,9}[:–—-]\s*(?P<title>(?:\S.*?)??)\*\*(?P<rest>.*)$"
)
FIELDS_INSTEAD = ("objective", "approach")
"""The sections that a field of the header may replace."""
FAR_OVER = 2
"""The multiple of the maximum size above which `size` is information and not a hint."""
HOURS, MANY_HOURS = 30, 40
"""The hours above which a PLAN is a hint, and those above which it is information (the methodology, §5)."""


def missing_sections(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield one diagnostic for each missing section."""
    for needed in absent(written) if not written.document.name.archived else ():
        message = f"the section `{needed.heading}` is missing: write down {needed.holds}"
        yield make_diagnostic("missing-section", written.document.path, 1, message, replacement=needed.heading)


def absent(written: DocumentInput) -> list[RequiredSection]:
    """Return the sections that a document needs and does not have."""
    return [
        needed
        for needed in REQUIRED_SECTIONS.get(written.kind, ())
        if not sections_with_name(written.source, needed.name)
        and not (
            needed.name in FIELDS_INSTEAD and header_field(written.source, needed.name, written.vocabulary) is not None
        )
    ]


def size(written: DocumentInput) -> Iterator[Diagnostic]:
    """Yield a document with more or fewer lines than the settings allow for its kind."""
    limits = {**DEFAULTS["diagnostics.sizes"], **written.settings["diagnostics.sizes"]}.get(written.kind)
    if limits is None:
        return
    least, most = limits
    lines = written.document.starts[-1]
    if lines > most:
        does = {
            "execution_task": "close it, and go on in the next EXECUTION_TASK",
            "subplan": "split the achievement, or move the log into its EXECUTION_TASKs",
            "plan": "move designs into SUBPLANs, or split it under a GRAMMAPLAN",
        }.get(written.kind, "split it")
        message = f"{lines} lines, but such a document should have at most {most}: {does}"
        severity: Severity | None = "information" if lines > FAR_OVER * most else None
        yield make_diagnostic("size", written.document.path, 1, message, severity=severity)
    elif lines < least:
        message = f"{lines} lines, but such a document usually has at least {least}: check that nothing is missing"
        yield make_diagnostic("size", written.document.path, 1, message)


def effort(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a PLAN with more hours than one plan should have.

    The hours are those of its header, or the sum of its achievements if the header has none.
    """
    stated = files.facts.effort
    listed = [known.effort for known in files.facts.achievements if known.effort]
    hours = (stated or total(listed)).high
    if hours > HOURS:
        whose = "the PLAN" if stated else "its achievements together"
        message = f"{whose} may take {hours:g} hours, but one PLAN should have at most {HOURS}: split it"
        yield make_diagnostic(
            "effort-exceeded", files.path, 1, message, severity="information" if hours > MANY_HOURS else None
        )


UNREAD: dict[Reason, str] = {
    "not in the index": "",
    "hidden": "",
    "repeated": "it is defined twice, and the longer text counts; keep one of them",
    "reported": "its section only reports what was done, and its title differs from that of the definition that counts",
    "form": "it does not have the form of a definition; write `**Achievement 1.1**: Title` at the start of a line",
}
"""Reason that a line that looks like an achievement is not one → the message. "" means a reason with its own code."""


def unread(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield lines that look like the definition of an achievement but do not count."""
    titles = files.facts.titles
    listed = {known.index_at for known in files.facts.achievements}
    for line in files.facts.unread:
        same = line.reason == "reported" and _one_is_part(line.title, titles.get(line.id, ""))
        if line.line.at in listed or line.reason == "look-alike" or same:
            continue
        related = (Related(files.path, files.document.line(line.counts), "this one counts"),) if line.counts else ()
        at = files.document.line(line.line.at)
        if line.reason == "repeated" and _differ(line.title, titles.get(line.id, "")):
            message = f"{line.id} is defined twice, as `{titles[line.id]}` and as `{line.title}`: give one of them a different id, or remove the bold from the one that is not a definition"
            severity: Severity | None = "error" if line.unsettled else None
            yield make_diagnostic(
                "duplicate-achievement", files.path, at, message, related, target_text=line.line.text, severity=severity
            )
        elif line.reason == "not in the index":
            message = (
                f"the Achievement Index does not list {line.id}, so it does not count: add it there, or remove it here"
            )
            yield make_diagnostic(
                "index-mismatch", files.path, at, message, target_text=line.line.text, replacement=line.id
            )
        elif line.reason == "hidden":
            message = f"{line.id} is not read here, because it is inside code, a comment or HTML: close that above this line and write it at the start of a line, or remove it; until then the PLAN is not complete"
            yield make_diagnostic("achievement-hidden", files.path, at, message, target_text=line.line.text)
        else:
            message = f"this line is not read as an achievement: {UNREAD[line.reason]}"
            severity = "warning" if line.unsettled else None
            yield make_diagnostic(
                "achievement-format", files.path, at, message, related, target_text=line.line.text, severity=severity
            )


def _one_is_part(one: str, other: str) -> bool:
    """Tell whether one title has all the words of the other. A report may append the result of the work to a title."""
    ours, theirs = (set(title_words(title).split()) for title in (one, other))
    return ours <= theirs or theirs <= ours


def _differ(one: str, other: str) -> bool:
    """Tell whether two titles differ. A line without a title differs from none."""
    ours, theirs = title_words(one), title_words(other)
    return bool(ours and theirs) and ours != theirs


def formats(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield achievements that are read but are not in the canonical form."""
    for known in files.facts.achievements:
        if known.shape in ("P2", "P3", "P4"):
            message = f"{known.id} is read, but other tools may not read it: write `**Achievement {known.id}**: {known.title}`"
            yield make_diagnostic(
                "achievement-format",
                files.path,
                files.document.line(known.at),
                message,
                is_safe=known.shape == "P2",
            )


def index(_: Snapshot, files: PlanDocuments, _judged: PlanEvaluation) -> Iterator[Diagnostic]:
    """Yield a missing index, ids that it lists twice, and ids without a description if other ids have one."""
    facts, line = files.facts, files.document.line
    if facts.achievements and facts.index is None:
        listed = counted(len(facts.achievements), "achievement")
        message = f"no Achievement Index: list the {listed} in one, in their order"
        yield make_diagnostic("index-missing", files.path, 1, message)
    at = {known.id: known.index_at for known in facts.achievements}
    for again, quote in facts.listed_again:
        first = at[again]
        related = (Related(files.path, line(first), "the first"),) if first else ()
        message = f"the index lists {again} twice: give one of the lines a different id, or remove it"
        yield make_diagnostic(
            "duplicate-achievement",
            files.path,
            line(quote.at),
            message,
            related,
            target_text=quote.text,
            severity="error",
        )
    if any(known.body for known in facts.achievements):
        for known in facts.achievements:
            if known.body is None and known.index_at:
                message = f"the index lists {known.id}, but no text describes it: write `**Achievement {known.id}**: {known.title}` and its description"
                yield make_diagnostic("index-mismatch", files.path, line(known.index_at), message)


def index_section(achievements: tuple[Achievement, ...]) -> str:
    """Return an Achievement Index of the achievements, with a blank line after it."""
    listed = "\n".join(f"- Achievement {known.id}: {known.title}" for known in achievements)
    return f"## 📋 Achievement Index\n\n{listed}\n\n"


def canonical(line: str) -> str | None:
    """Return a near miss with a single number as a definition: `### Achievement 2: T` → `**Achievement 1.2**: T`."""
    match = re.match(
        r"[^\w\n]*Achievement\s+(?P<number>[0-9]{1,2})\**\s*[:–—-]\**\s*(?P<title>[^\n]*)", line, re.IGNORECASE
    )
    wanted = f"**Achievement 1.{int(match['number'])}**: {match['title'].strip('* ')}" if match else ""
    return wanted if wanted and defining_line(wanted) else None


def redefined(line: str) -> str | None:
    """Return a definition of another shape as `**Achievement 1.1**: Title`, with all the text of the line.

    Return None if this changes the title, for example if text after the bold part became part of it.
    """
    defined = defining_line(line)
    if defined is None or defined[0] == "P1":
        return None
    shape, known, title = defined
    wanted = line if shape == "P2" else line.lstrip("#").lstrip()
    if match := _ALL_BOLD.match(wanted) or _PLAIN.match(wanted):
        lead, aside, rest = match["lead"], match["aside"], match["rest"]
        named = match.groupdict().get("title") or ""
        if named and re.fullmatch(r"\s*\([^()]*\)\s*", rest):
            aside, rest = f"{aside} {rest.strip()}", ""
        wanted = f"{lead}**Achievement {known}**{aside}: {named}{rest}"
    again = defining_line(wanted)
    return wanted if again == ("P1", known, title) else None
