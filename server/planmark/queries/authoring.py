"""The interface for the creation of work documents, verdicts and PLANs. The format of the methodology implements it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from planmark.plans.evaluation import Decision
from planmark.plans.model import AchievementState, ClaimLine, State
from planmark.plans.phrases import state_label
from planmark.plans.preflight import PreflightFinding
from planmark.plans.registry import methodology_part
from planmark.plans.vocabulary import IssueSeverity
from planmark.queries.api_types import AdoptResult, ProposalResult
from planmark.queries.workspace_view import View
from planmark.text.visible import visible_in_prose
from planmark.workspace.snapshot import FormatPlan, PlanDocuments
from planmark.workspace.workspace_edits import CreateFile

DecisionKind = Literal["approve", "fix", "resolve"]
"""The decisions of a person about an achievement."""


FeatureTemplate = Literal["plan", "grammaplan", "north_star"]
"""A template of a document that is about a feature, not about an achievement."""


DECISION_KINDS: tuple[DecisionKind, ...] = ("approve", "fix", "resolve")


STATE_AFTER_DECISION: dict[DecisionKind, State] = {"approve": "approved", "fix": "needs_fix", "resolve": "fix_resolved"}
"""Mapping from a decision to the state of the achievement after the decision."""


class ReportedIssue(NamedTuple):
    """A problem of the work that a reviewer reports.

    The first line of `text` is the title of the problem, and further lines are its description.
    """

    text: str
    severity: IssueSeverity = "critical"


class DecisionInput(NamedTuple):
    """The values of a decision that a person gives.

    `who` is the name of the person, `when` the time in the form that documents have. `missing` are the conditions of an
    approval that the reviewer knows to be unmet. If `is_draft`, the file of the decision has space in which the
    reviewer writes issues.
    """

    who: str
    when: str
    note: str = ""
    issues: tuple[ReportedIssue, ...] = ()
    missing: tuple[str, ...] = ()
    is_draft: bool = False


def name_for_header(name: str) -> str:
    """Return `name` as one line without control characters, for the header of a document.

    Return "" if `name` has no letter and no digit.
    """
    return " ".join(visible_in_prose(name).split()) if any(letter.isalnum() for letter in name) else ""


class ExistsError(Exception):
    """The file to create already exists. The message names the file."""


class MisnamedError(ExistsError):
    """A misnamed file may already be the file to create. The message names the misnamed file and the remedy."""


class NotWantedError(ExistsError):
    """The PLAN drops the achievement, so no file is created for it. The message names the line of the PLAN."""


class ApprovalCondition(NamedTuple):
    """A condition of an approval: whether the files meet the condition, and a sentence that says why."""

    is_met: bool
    says: str


class DecisionFile(NamedTuple):
    """A file that records a decision, not yet written.

    `proofs` are the conditions of an approval, with the result of their check. `preflight` are findings of preflight,
    which do not prevent the approval.
    """

    file: CreateFile
    proofs: tuple[ApprovalCondition, ...]
    preflight: tuple[PreflightFinding, ...] = ()


class DecisionRefusedError(Exception):
    """The decision is refused, and no file is written.

    The achievement would not get the wanted state, or the files do not support the decision. `is_settled` tells whether
    the achievement already has the wanted state. `is_unread` tells whether the verdict would be in a folder that is not
    read. `missing_proofs` are the unmet conditions of an approval.
    """

    def __init__(
        self, message: str, *, is_settled: bool = False, is_unread: bool = False, missing_proofs: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.is_settled = is_settled
        self.is_unread = is_unread
        self.missing_proofs = missing_proofs


class LoggedIteration(NamedTuple):
    """An iteration that is added to the log of an EXECUTION_TASK.

    `path` is the path of the EXECUTION_TASK. `before` and `after` are its texts without and with the iteration.
    """

    path: str
    before: str
    after: str


REVIEWER_PLACEHOLDER = "[FILL: who reviewed]"


class Proposal(NamedTuple):
    """A proposal to confirm that an achievement is done, as the PLAN claims. `decision` is the decision by the files.
    `claims` are the claims of the PLAN. `file` is the verdict that would confirm the claims.
    """

    achievement: AchievementState
    decision: Decision
    claims: tuple[ClaimLine, ...]
    file: CreateFile


def adopt_result(view: View, plan: PlanDocuments, proposals: list[Proposal]) -> AdoptResult:
    """Return the proposals as the result of `adopt --json`."""
    return AdoptResult(
        workspace=view.snapshot.root,
        plan=plan.path,
        feature=plan.feature,
        proposals=[
            ProposalResult(
                proposal.achievement.id,
                proposal.achievement.title,
                proposal.achievement.state,
                proposal.claims,
                proposal.file.path,
                proposal.file.text,
                state_label(proposal.achievement),
            )
            for proposal in proposals
        ],
    )


class NewFileContext(NamedTuple):
    """The plan to which a new file belongs, and the id of the achievement that the file is about.

    `existing_paths` are files that other programs created after the scan.
    """

    view: View
    plan: FormatPlan
    achievement: str
    existing_paths: frozenset[str] = frozenset()


class Authoring(NamedTuple):
    """The functions of the methodology that build files. They return the files and do not write them.

    `create` maps a kind of file to the function that builds the file. The function raises ExistsError if the file may
    not be created.

    `record` returns the file of a decision about an achievement, which its third parameter names by the id. It raises
    DecisionRefusedError if the decision does not lead to the wanted state, or if the files do not support an approval.
    With True as its last argument and a note, it accepts an unsupported approval, and the file lists the unmet
    conditions.

    `refuse_other_state` raises DecisionRefusedError if the given verdict file would not give the given state to the
    achievement.

    `proposals` returns proposals for the claims that have no verdict. Its third parameter is the id of an achievement;
    None for all achievements of the plan. The last two parameters are the reviewer and the time of the proposed
    verdicts.

    `new_plan` returns a new PLAN. Its parameters are the feature, the folder, an ISO date, and the existing paths. It
    raises ExistsError if an existing path has the name of the PLAN.

    `is_feature` tells whether a text is a valid name of a feature. `first_issue` returns the 1-based line of a draft on
    which the reviewer writes the first issue. `log_iteration` returns the change that adds an iteration to the open
    EXECUTION_TASK of an achievement. It raises NoAnswerError if it cannot add the iteration.
    """

    create: Mapping[str, Callable[[NewFileContext], CreateFile]]
    record: Callable[[View, FormatPlan, str, DecisionKind, DecisionInput, bool], DecisionFile]
    refuse_other_state: Callable[[View, FormatPlan, str, CreateFile, State], None]
    proposals: Callable[[View, FormatPlan, str | None, str, str], list[Proposal]]
    new_plan: Callable[[str, str, str, Iterable[str]], CreateFile]
    is_feature: Callable[[str], bool]
    first_issue: Callable[[str], int]
    log_iteration: Callable[[View, PlanDocuments, str, str], LoggedIteration]


@functools.cache
def authoring() -> Authoring:
    """Return the functions of the methodology that build files."""
    result: Authoring = methodology_part("authoring")
    return result
