"""The sentences about verdicts and evidence that each prompt of the methodology must contain, even from a template of a
workspace.
"""

from __future__ import annotations

from planmark.formats.planmark.prompts.through import SAFETY_OF_SEVERAL_STEPS
from planmark.plans.model import NextStep, Step
from planmark.prompts.prompt import PromptOptions
from planmark.prompts.safety import SHARED_SAFETY_SENTENCES

SHARED_STEPS: tuple[Step, ...] = ("confirm_state", "closed", "wait")
"""Steps that occur in the methodology and in formats with boxes."""
_ONE_VERDICT = "Write exactly one verdict, under exactly this name, and change no other."
_EXECUTION_SAFETY = ("is done and checked", "you write no verdict")
_DESIGN_SAFETY = ("you write no EXECUTION_TASK and no code",)
SAFETY_SENTENCES: dict[Step, tuple[str, ...]] = {
    **{step: SHARED_SAFETY_SENTENCES[step] for step in SHARED_STEPS},
    "address_fix": (
        "every issue is fixed in the deliverables themselves, not only in the documents",
        "you create no APPROVED file: the verdict is the reviewer's",
    ),
    "re_review": (
        "Check each issue against the deliverables, then against what the resolution says of it.",
        _ONE_VERDICT,
    ),
    "fill_subplan": _DESIGN_SAFETY,
    "fill_execution": ("you write no verdict",),
    "unblock": ("then stop, and build nothing around it",),
    "continue_execution": _EXECUTION_SAFETY,
    "next_execution": _EXECUTION_SAFETY,
    "synthesize": ("nothing else is changed",),
    "request_review": (
        "Judge the work by its results: open every deliverable, run what can be run.",
        _ONE_VERDICT,
    ),
    "create_execution": _EXECUTION_SAFETY,
    "create_subplan": _DESIGN_SAFETY,
    "rename_document": ("Do not plan, build or review",),
    "complete_plan": ("nothing is built and no verdict is changed",),
    "define_achievements": ("nothing is built and no verdict is changed",),
    "fill_plan": ("no SUBPLAN is created and nothing is built",),
    "update_index": ("no verdict, SUBPLAN or EXECUTION_TASK is changed, and nothing is built",),
    "pause": ("no verdict is written or changed",),
    "resume": ("nothing that is approved is begun again",),
    "verify": ("Correct texts, never verdicts; build nothing.",),
    "parallel": ("nothing is built",),
    "review": ("You change no file, tick no box and write no verdict.",),
    "research": ("You design nothing and change no code: you write only the file of your part.",),
    "finish_execution": ("you write no verdict",),
}
"""Step → its safety sentences, as the built-in templates contain them."""


def safety_sentences_of(step: NextStep, options: PromptOptions) -> tuple[str, ...]:
    """Return the safety sentences of the prompt of `step`.

    If `options.goes_on` is True, the prompt also contains later steps, and the sentences are true for all these steps.
    """
    return (
        SAFETY_OF_SEVERAL_STEPS.get(step.step, SAFETY_SENTENCES[step.step])
        if options.goes_on
        else SAFETY_SENTENCES[step.step]
    )
