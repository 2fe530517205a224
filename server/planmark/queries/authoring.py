"""The interface for the creation of work documents, verdicts and PLANs. The methodology builds the files."""

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


DECISIONS: tuple[DecisionKind, ...] = ("approve", "fix", "resolve")


STATE_AFTER: dict[DecisionKind, State] = {"approve": "approved", "fix": "needs_fix", "resolve": "fix_resolved"}
"""Decision → the state of the achievement after the decision."""


class ReportedIssue(NamedTuple):
    """A problem of the work: the first line of `text` is its title, the other lines are its description."""

    text: str
    severity: IssueSeverity = "critical"


class DecisionInput(NamedTuple):
    """A person's part of a decision: the name, the time as documents write it, a note, and the issues.

    `missing` are the conditions of an approval that the reviewer knows to be unmet. A draft has space for issues, which
    the reviewer writes in an editor.
    """

    who: str
    when: str
    note: str = ""
    issues: tuple[ReportedIssue, ...] = ()
    missing: tuple[str, ...] = ()
    is_draft: bool = False


def name_for_header(name: str) -> str:
    """Return a name for the header of a document: one line, without control characters; "" if it names no person."""
    return " ".join(visible_in_prose(name).split()) if any(letter.isalnum() for letter in name) else ""


class ExistsError(Exception):
    """The file to create already exists; the message names it."""


class MisnamedError(ExistsError):
    """The file may already exist under a misnamed path; the message names this path and the remedy."""


class NotWantedError(ExistsError):
    """The PLAN drops the achievement; the message names the line."""


class Proof(NamedTuple):
    """A condition of an approval: whether the files meet the condition, and a sentence about the files."""

    is_met: bool
    says: str


class DecisionFile(NamedTuple):
    """The file of a decision, to be written.

    `proofs` are the conditions of an approval, checked before the decision. `preflight` holds further findings against
    an approval, which do not prevent the approval.
    """

    file: CreateFile
    proofs: tuple[Proof, ...]
    preflight: tuple[PreflightFinding, ...] = ()


class DecisionRefusedError(Exception):
    """The decision would not lead to its state, or the files do not support the decision. No file is written.

    `is_settled` tells whether the achievement already has the wanted state. `is_unread` tells whether the verdict would
    be in a folder that is not read. `missing_proofs` are the unmet conditions of an approval.
    """

    def __init__(
        self, message: str, *, is_settled: bool = False, is_unread: bool = False, missing_proofs: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.is_settled = is_settled
        self.is_unread = is_unread
        self.missing_proofs = missing_proofs


class LoggedIteration(NamedTuple):
    """The path of an EXECUTION_TASK, and its text before and after an iteration was added to its log."""

    path: str
    before: str
    after: str


REVIEWER_PLACEHOLDER = "[FILL: who reviewed]"


class Proposal(NamedTuple):
    """An achievement that the PLAN claims to be done: the decision by the files, the claims, and a confirming verdict."""

    achievement: AchievementState
    decision: Decision
    claims: tuple[ClaimLine, ...]
    file: CreateFile


def adopt_result(view: View, plan: PlanDocuments, proposals: list[Proposal]) -> AdoptResult:
    """Return the proposals as the public result."""
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
    """The plan and achievement of a new file. `existing_paths` are paths that other programs created after the scan."""

    view: View
    plan: FormatPlan
    achievement: str
    existing_paths: frozenset[str] = frozenset()


class Authoring(NamedTuple):
    """The functions that return the files of a format with work and verdicts, to be written.

    `create` maps a kind of file to the function that builds the file; the function raises ExistsError if the file may
    not be created. `record` returns the file of a decision, after a check that the decision leads to the wanted state.
    An approval that the files do not support needs True and a note; the file then lists the unmet conditions. `record`
    raises DecisionRefusedError. `refuse_other_state` raises DecisionRefusedError if the achievement would not have a state
    after a verdict.

    `proposals` returns the claims that have no verdict, of a plan or of one achievement. Each proposal has a confirming
    verdict; the last two parameters are its reviewer and its time as documents write them. `new_plan` returns the PLAN of a feature in a
    folder, on an ISO date. `new_plan` raises ExistsError if one of the paths has the name of this PLAN. `is_feature`
    tells whether a text is a valid name of a feature. `first_issue` returns the 1-based line of a draft on which its
    reviewer writes the first issue. `log_iteration` returns the change that adds an iteration to the open
    EXECUTION_TASK of an achievement, and raises NoAnswerError.
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
    """Return the functions by which the methodology writes files."""
    result: Authoring = methodology_part("authoring")
    return result
