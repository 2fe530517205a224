"""The parts of the steps `review` and `research`: the subject and the questions of each reviewer and researcher.

The prompts of all parts of a step begin with the same bytes, so that the provider of the model can cache this
beginning. Only the ends of the prompts differ. The tables in this module define these ends.
"""

from __future__ import annotations

from planmark.plans.model import Step
from planmark.prompts.parts import Part

PARTS_BY_STEP: dict[Step, tuple[Part, ...]] = {
    "review": (
        Part(
            "security",
            "security-auditor",
            3,
            "what the change makes possible for an attacker",
            (
                "Which input comes from outside, and where is it checked?",
                "Who may do this now, and who could do it before? Is the permission checked at every entry point?",
                "Does a secret reach the code, a log, a message, a file or an address?",
                "Can text become code: in a shell, a query, a template, a path, a page?",
                "What do new dependencies, workflows, migrations and permissions make possible?",
                "What happens at the limits: with very large or very many inputs, with simultaneous calls, and with a cancelled call?",
            ),
        ),
        Part(
            "quality",
            "reviewer",
            1,
            "whether the work does what the achievement asks for, and stays easy to change",
            (
                "Is each success criterion met? Name the test or the command that shows it.",
                "Do the tests fail if the new behaviour is taken out?",
                "What happens with empty, wrong and repeated input, and when a call fails?",
                "Is anything done twice, unused, or more general than its only user needs?",
                "Does a reader understand the names, and why each unusual line is there?",
            ),
        ),
        Part(
            "docs",
            "doc-master",
            1,
            "whether everything that people read about the work is true",
            (
                "Do the documents, the help, the messages and the examples say what the code does now?",
                "Does every example run as it is written, and does every link lead somewhere?",
                "Is each change that a user notices in the list of changes?",
                "Does any text still describe the behaviour before the change?",
            ),
        ),
    ),
    "research": (
        Part(
            "local",
            "researcher-local",
            1,
            "what this repository already has",
            (
                "Which code, tests and documents already do a part of it? Name them by path and line.",
                "Which conventions does the code around it follow?",
                "Which other achievements, SUBPLANs and files does it touch?",
                "What was tried before, and how did it end?",
            ),
        ),
        Part(
            "web",
            "researcher-web",
            1,
            "what others know about it",
            (
                "Which well-kept libraries and standards solve it? Give their versions, licences and addresses.",
                "Which mistakes are known, and what causes them?",
                "Which of these answers are disputed or out of date?",
            ),
        ),
    ),
}
"""Step → its parts, in the order in which agents begin them."""
FINDING_SEVERITIES = (
    ("critical", "wrong results, lost data, a way in for an attacker, or a success criterion that is not met"),
    ("major", "it works, but it fails in a case that users meet, or it cannot be maintained"),
    ("minor", "it is right, and could be clearer"),
)
"""The severities of a finding, each with its definition."""
PART_HEADING = "\n## Your part: "
"""The heading of the last section of a prompt for one part. Only this section differs between the prompts for the parts
of a step.
"""
RESERVED_TOKENS = 400
"""Tokens reserved for the end of each part's prompt, so that all parts of a step are shortened in the same way."""
