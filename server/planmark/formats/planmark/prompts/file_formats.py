"""The full text of the files and sections that a step writes, from the templates of new documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from planmark.formats.planmark.prompts import output_paths
from planmark.formats.planmark.prompts.context import Material, tasks_with_outcomes
from planmark.formats.planmark.prompts.template_context import deliverables, issues
from planmark.formats.planmark.workflow.verdicts import verdict_facts
from planmark.plans.model import Step
from planmark.plans.vocabulary import ISSUE_SEVERITIES
from planmark.prompts.render import render_template
from planmark.text.lazy_pattern import lazy_pattern

_FILL_MARK = lazy_pattern(r"\[TO BE FILLED: ([^\]\n]*)\]")
_AUTHOR_PLACEHOLDER = "… your name"
_DATE_PLACEHOLDER = "… now, in UTC, as `date -u +%Y-%m-%dT%H:%M:%SZ` says it"
_ISSUE_PLACEHOLDER = "… what is wrong"
_LOCATION_PLACEHOLDER = "… the file and its line, how you know, and what would mend it"


class PlaceholderDecision(NamedTuple):
    """The person and the time of a decision, for a template.

    By default, both are placeholders that an agent fills in. `missing` are the missing proofs of an approval.
    """

    who: str = _AUTHOR_PLACEHOLDER
    when: str = _DATE_PLACEHOLDER
    missing: tuple[str, ...] = ()


def text_of_new_document(material: Material, template: str, **variables: object) -> str:
    """Return the text of a new document about the achievement of `material`.

    `template` is the name of the template, and `variables` are further variables of the template.
    """
    assert material.achievement
    text = render_template(
        f"new/{template}.md.j2",
        {
            "feature": material.plan.feature,
            "achievement": material.achievement.id,
            "title": material.achievement.title,
            "deliverables": deliverables(material),
            **variables,
        },
    )
    return text.encode("utf-8", "replace").decode("utf-8")


def _new_subplan_text(material: Material) -> str:
    """Return the text of a new SUBPLAN, with places for the designer to fill in."""
    return text_of_new_document(material, "subplan")


def _new_execution_text(material: Material) -> str:
    """Return the text of the next EXECUTION_TASK, with places for the executor to fill in."""
    assert material.inputs
    number, _ = output_paths.next_execution(material)
    subplan = material.inputs.subplan
    path = subplan.path if subplan else output_paths.subplan_path(material)
    name = path.rpartition("/")[2].removesuffix(".md")
    return text_of_new_document(material, "execution", subplan=name, execution=number)


def _new_approved_text(material: Material) -> str:
    """Return the text of a new APPROVED file, with places for the reviewer to fill in."""
    note = "… what you checked, how, and what you saw"
    return text_of_new_document(material, "approved", said=PlaceholderDecision(), note=note)


def _new_fix_text(material: Material) -> str:
    """Return the text of a new FIX file, with one issue of each severity for the reviewer to fill in."""
    assert material.inputs
    reviews = material.inputs.reviews
    reopens = verdict_facts(material.inputs.fix).reopens if material.inputs.fix and reviews.is_fix_open else ()
    groups = [
        (
            severity,
            [
                {
                    "severity": severity,
                    "marker": f"{number}.",
                    "title": _ISSUE_PLACEHOLDER,
                    "rest": f"   {_LOCATION_PLACEHOLDER}",
                }
            ],
        )
        for number, severity in enumerate(ISSUE_SEVERITIES, 1)
    ]
    return text_of_new_document(
        material, "fix", said=PlaceholderDecision(), first_issue="", groups=groups, reopens=reopens
    )


def _new_synthesis_text(material: Material) -> str:
    """Return the text of a new Synthesis section for a SUBPLAN, with places to fill in.

    The section names the executions that are done.
    """
    assert material.inputs
    done_names = [task.path.rpartition("/")[2] for task, outcome in tasks_with_outcomes(material) if outcome == "done"]
    return render_template("new/synthesis.md.j2", {"done": done_names})


def _new_resolution_text(material: Material) -> str:
    """Return the text of a new RESOLUTION, with the issues of the FIX and places for the executor to fill in."""
    note = "… of each issue, by its number: what was changed, in which file and line, and what proves it"
    return text_of_new_document(material, "resolution", said=PlaceholderDecision(), note=note, issues=issues(material))


TEXT_FUNCTIONS_BY_STEP: dict[Step, tuple[tuple[str, Callable[[Material], str]], ...]] = {
    "create_subplan": (("the SUBPLAN", _new_subplan_text),),
    "create_execution": (("the EXECUTION_TASK", _new_execution_text),),
    "next_execution": (("the EXECUTION_TASK", _new_execution_text),),
    "synthesize": (("the section of the SUBPLAN", _new_synthesis_text),),
    "address_fix": (("the RESOLUTION", _new_resolution_text),),
    "request_review": (
        ("APPROVED, if the achievement is met", _new_approved_text),
        ("FIX, if something is missing", _new_fix_text),
    ),
    "re_review": (
        ("APPROVED, if everything is resolved", _new_approved_text),
        ("FIX, if something is left", _new_fix_text),
    ),
}
"""Step → the files and sections that the step writes: a description, and the function that returns the text."""


def texts_to_write(material: Material, step: Step) -> list[tuple[str, list[str]]]:
    """Return a pair (description, lines) for each file or section that a step writes.

    Every place to fill in begins with `…`.
    """
    if material.achievement is None:
        return []
    formats = []
    for name, text_function in TEXT_FUNCTIONS_BY_STEP.get(step, ()):
        text = _FILL_MARK.sub(r"… \1", text_function(material)).strip()
        formats.append((name, re.sub(r"\n{3,}", "\n\n", text).split("\n")))
    return formats
