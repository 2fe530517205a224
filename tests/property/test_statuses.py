"""Doubt never makes an execution done: text beside its own status does not change the outcome."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.execution_task import ExecutionTask
from planmark.formats.planmark.documents.vocabulary import status_of
from planmark.plans.model import Outcome

HEAD = "# EXECUTION_TASK: X\n\n**Status**: {}\n\n## Log\n\n"
LINES = st.text(st.characters(codec="utf-8"), max_size=30)
DONE_WORDS = st.sampled_from(["✅ Complete", "Done", "completed", "**COMPLETE**"])
FIELDS = st.sampled_from(["Build Status", "SUBPLAN Status", "Deployment status", "Status of the build", "Statuses"])
ASIDE = st.one_of(
    st.builds("**{}**: {}".format, FIELDS, DONE_WORDS),
    st.builds("> **Status**: {}".format, DONE_WORDS),
    st.builds("~~**Status**: {}~~".format, DONE_WORDS),
    st.builds("```\n**Status**: {}\n```".format, DONE_WORDS),
    st.builds("<!-- **Status**: {} -->".format, DONE_WORDS),
    st.builds("- item\n\n  - **Status**: {}".format, DONE_WORDS),
    st.builds("### Attempt {}\n\n**Status**: {}\n\n---".format, st.integers(1, 9), DONE_WORDS),
    st.builds("| Test | Status |\n|---|---|\n| a | {} |".format, DONE_WORDS),
)
OPEN_MARKERS = st.sampled_from(["[ ]", "[~]", "[-]", "[!]", "[/]", "[>]", "[?]", "❌", "⏳", "⬜"])
LIST_MARKERS = st.sampled_from(["- ", "* ", "+ ", "1. ", "2) ", "- a\n  - ", "1. a\n   1. "])


def outcome(text: str) -> Outcome:
    document = parse("EXECUTION_TASK_PAY_11_01.md", text)
    assert document
    assert isinstance(document.facts, ExecutionTask)
    return document.facts.outcome


@given(st.sampled_from(["In Progress", "Blocked", "Failed", "Superseded", "incomplete"]), st.lists(ASIDE, max_size=4))
def test_what_is_not_its_own_status_decides_nothing(status: str, aside: list[str]) -> None:
    head = HEAD.format(status)
    assert outcome(head + "\n\n".join(aside) + "\n") == outcome(head)


@given(st.integers(0, 4), st.integers(0, 4), LIST_MARKERS, OPEN_MARKERS)
def test_one_open_box_leaves_a_checklist_open(before: int, behind: int, marker: str, box: str) -> None:
    ticked = "- [x] a\n"
    head = HEAD.format("In Progress") + "## Completion Checklist\n\n"
    assert outcome(f"{head}{ticked * before}{marker}{box} test\n\n{ticked * behind}") == "open"
    assert outcome(f"{head}{ticked * (before + behind + 1)}") == "done"


@given(st.lists(st.one_of(LINES, ASIDE, st.just("Status: done"), st.just("- [~] a"), st.just("## Completion Status"))))
def test_line_ends_change_nothing_and_no_text_raises(lines: list[str]) -> None:
    text = "\n".join(line.replace("\r", "").replace("\x0b", "").replace("\x0c", "") for line in lines)
    assert outcome(text) == outcome(text.replace("\n", "\r\n"))


@given(
    st.sampled_from(["not", "not yet", "nearly", "almost", "90 %", "99%", "7.5 %", "partially", "half", "never"]),
    st.sampled_from(["complete", "Completed", "DONE", "blocked", "superseded", "failed"]),
    st.sampled_from(["", "✅ ", "🔄 ", "**"]),
)
def test_a_denied_word_is_never_read_as_itself(denial: str, word: str, mark: str) -> None:
    assert status_of(f"{mark}{denial} {word}") == "in_progress"
