"""The safety sentences of the steps. The prompt of a step must contain them, even if a template of a workspace renders
the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable

from planmark.markdown.blocks import prose_lines
from planmark.markdown.sections import split_into_sections
from planmark.plans.model import Step

SHARED_SAFETY_SENTENCES: dict[Step, tuple[str, ...]] = {
    "confirm_state": ("A person has to decide; nothing is to be built before that.",),
    "closed": ("Nothing is to be built, reviewed or changed.",),
    "wait": ("Build and review nothing that waits.",),
    **dict.fromkeys(("implement_task", "continue_task"), ("Do only this task; do not begin a different one.",)),
    "execute_plan": ("Do only this plan; do not begin a different one.",),
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
"""Mapping from a step to its safety sentences, for the steps in formats with boxes.

Some of these steps also occur in plans of the methodology.
"""


def missing_sentences(sentences: Iterable[str], text: str) -> list[str]:
    """Return the safety sentences that the text of a prompt lacks.

    A sentence in a quotation, a comment or a block of code does not count.
    """
    lines = (
        line
        for section in split_into_sections(text)
        for _, line in prose_lines(section.section)
        if not line.startswith(">")
    )
    prose = " ".join(" ".join(lines).split())
    return [sentence for sentence in sentences if sentence not in prose]
