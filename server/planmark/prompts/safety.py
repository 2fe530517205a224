"""The sentences about verdicts and evidence that every prompt of a step must contain, with any template."""

from __future__ import annotations

from planmark.markdown.blocks import prose_lines
from planmark.markdown.sections import split
from planmark.plans.model import Step

_ONE_VERDICT = "Write exactly one verdict, under exactly this name, and change no other."
_DONE = ("is done and checked", "you write no verdict")
_NO_CODE = ("you write no EXECUTION_TASK and no code",)
SAFETY: dict[Step, tuple[str, ...]] = {
    "address_fix": (
        "every issue is fixed in the deliverables themselves, not only in the documents",
        "you create no APPROVED file: the verdict is the reviewer's",
    ),
    "re_review": (
        "Check each issue against the deliverables, then against what the resolution says of it.",
        _ONE_VERDICT,
    ),
    "fill_subplan": _NO_CODE,
    "fill_execution": ("you write no verdict",),
    "unblock": ("then stop, and build nothing around it",),
    "continue_execution": _DONE,
    "next_execution": _DONE,
    "synthesize": ("nothing else is changed",),
    "request_review": (
        "Judge the work by its results: open every deliverable, run what can be run.",
        _ONE_VERDICT,
    ),
    "create_execution": _DONE,
    "create_subplan": _NO_CODE,
    "rename_document": ("Do not plan, build or review",),
    "confirm_state": ("A person has to decide; nothing is to be built before that.",),
    "complete_plan": ("nothing is built and no verdict is changed",),
    "closed": ("Nothing is to be built, reviewed or changed.",),
    "define_achievements": ("nothing is built and no verdict is changed",),
    "fill_plan": ("no SUBPLAN is created and nothing is built",),
    "update_index": ("no verdict, SUBPLAN or EXECUTION_TASK is changed, and nothing is built",),
    "wait": ("Build and review nothing that waits.",),
    "pause": ("no verdict is written or changed",),
    "resume": ("nothing that is approved is begun again",),
    "verify": ("Correct texts, never verdicts; build nothing.",),
    "parallel": ("nothing is built",),
    "review": ("You change no file, tick no box and write no verdict.",),
    "research": ("You design nothing and change no code: you write only the file of your part.",),
    "finish_execution": ("you write no verdict",),
    **dict.fromkeys(
        ("implement_task", "continue_task", "execute_plan"), ("Do only this one; do not begin a different one.",)
    ),
    "reconcile": ("Tick only what the files show; build nothing.",),
    **dict.fromkeys(
        ("write_requirements", "write_design", "write_tasks", "plan_phase", "discuss_phase", "close_gaps"),
        ("Nothing is built in this step.",),
    ),
    **dict.fromkeys(
        ("verify_and_archive", "verify_work", "complete_milestone"),
        ("Say what you checked and what you found; change no box without evidence.",),
    ),
}
"""Step → the sentences about verdicts and evidence, as the built-in templates have them."""


def lacking(step: Step, text: str) -> list[str]:
    """Return the safety sentences of a step that a prompt lacks.

    Text in a quotation, a comment or a fence does not count.
    """
    lines = (line for placed in split(text) for _, line in prose_lines(placed.section) if not line.startswith(">"))
    said = " ".join(" ".join(lines).split())
    return [sentence for sentence in SAFETY[step] if sentence not in said]
