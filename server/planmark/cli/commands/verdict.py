"""`planmark verdict`: writes a reviewer's decision on an achievement, or an executor's answer to a FIX, to a file."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from typing import Any, Literal, get_args

from planmark.cli.console import line, print_note
from planmark.cli.context import CommandContext, CommandOptions, CommandResult
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.text_editor import edit_text
from planmark.cli.workspace_access import (
    create_workspace_file,
    find_plan_and_document,
    lock_workspace,
    open_workspace,
    reopen_workspace,
)
from planmark.plans.vocabulary import ISSUE_SEVERITIES, IssueSeverity
from planmark.queries.authoring import (
    DECISION_KINDS,
    DecisionFile,
    DecisionInput,
    DecisionRefusedError,
    ReportedIssue,
    authoring,
    name_for_header,
)
from planmark.queries.meant import methodology_plan, needed_achievement
from planmark.storage.timestamps import timestamp_text
from planmark.text.visible import visible_in_one_line

ISSUES_TEMPLATE = """
# What is wrong with {about}?
# A line that begins with `critical:`, `major:` or `minor:` starts an issue; other lines continue the issue above.
# Lines that begin with # are ignored. Without an issue, nothing is written.
"""
"""The text that the editor shows at first. `about` is the id and title of the achievement."""


class _CollectIssueOptions(argparse.Action):
    """The action of `argparse` that collects the values of `--issue` and `--severity` in the order of the arguments."""

    def __call__(self, _parser: object, args: argparse.Namespace, value: Any, _option: str | None = None) -> None:
        args.points = [*args.points, (self.dest, value)]


class Options(CommandOptions):
    """The options of the command."""

    decision: Literal["approve", "fix", "resolve"]
    feature: str
    achievement: str | None
    reviewer: str
    note: str
    points: list[tuple[str, str]]
    force: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("decision", choices=DECISION_KINDS, help="the decision; `resolve` answers a FIX")
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )
    parser.add_argument("--reviewer", metavar="NAME", default="", help="the reviewer; for `resolve`, the executor")
    parser.add_argument("--note", metavar="TEXT", default="", help="what was checked, is wrong, or was done")
    parser.add_argument(
        "--issue",
        metavar="TEXT",
        action=_CollectIssueOptions,
        default=argparse.SUPPRESS,
        help="`fix`: an issue; repeatable",
    )
    parser.add_argument(
        "--severity",
        choices=get_args(IssueSeverity),
        action=_CollectIssueOptions,
        default=argparse.SUPPRESS,
        help="`fix`: the severity of the issue before it",
    )
    parser.add_argument(
        "--force", action="store_true", help="`approve`: even if the files do not support it; needs --note"
    )
    parser.set_defaults(points=[])


def run(context: CommandContext[Options]) -> CommandResult:
    """Run the command. The output is the path of the written file."""
    options = context.options
    person_name = name_for_header(options.reviewer)
    if not person_name and options.decision != "resolve":
        raise CommandError("a verdict needs its reviewer: --reviewer NAME", BAD_USAGE)
    if options.points and options.decision != "fix":
        raise CommandError("--issue and --severity are for `planmark verdict fix`", BAD_USAGE)
    if options.force and options.decision != "approve":
        raise CommandError("--force is for `planmark verdict approve`", BAD_USAGE)
    view = open_workspace(context)
    named_plan = find_plan_and_document(view, options.feature)
    plan, achievement = (
        methodology_plan(named_plan.plan, "verdict"),
        needed_achievement(view, named_plan, options.achievement),
    )
    issues = pair_issues(options.points)
    if options.decision == "fix" and not options.note.strip() and not issues:
        issues = _ask_for_issues(f"{achievement.id} {achievement.title}")
    with lock_workspace(context):
        current_view = reopen_workspace(context)
        decision_input = DecisionInput(
            person_name, timestamp_text(datetime.datetime.now(datetime.timezone.utc)), options.note, issues
        )
        current_plan = current_view.snapshot.plan_at(plan.path)
        if current_plan is None or achievement.id not in current_plan.facts.ids:
            raise CommandError(f"{plan.path} no longer has {achievement.id}: nothing was written", WAITING)
        try:
            decision_file = authoring().record(
                current_view, current_plan, achievement.id, options.decision, decision_input, options.force
            )
        except DecisionRefusedError as error:
            raise _refusal(error) from None
        _print_proofs(f"{achievement.id} {achievement.title}", decision_file, quiet=options.quiet)
        create_workspace_file(current_view, decision_file.file)
    return CommandResult(DONE, line(decision_file.file.path))


def pair_issues(points: Sequence[tuple[str, str]]) -> tuple[ReportedIssue, ...]:
    """Return the issues of the command line, each with its severity.

    `points` are tuples in the order of the command line: the name `issue` or `severity`, and the value of this option.

    If there are as many severities as issues, they are paired by their order. Otherwise, each severity belongs to the
    issue before it. Raises CommandError if the text of an issue is blank, or if a severity has no issue.
    """
    texts = [value for name, value in points if name == "issue"]
    severities = [value for name, value in points if name == "severity"]
    if any(not text.strip() for text in texts):
        raise CommandError("an --issue needs its text", BAD_USAGE)
    if len(severities) > len(texts):
        raise CommandError(
            f"{len(severities)} severities for {len(texts)} issues: each --severity needs an --issue", BAD_USAGE
        )
    if len(severities) == len(texts):
        return tuple(
            ReportedIssue(text, _issue_severity(severity)) for text, severity in zip(texts, severities, strict=True)
        )
    issues: list[ReportedIssue] = []
    for name, value in points:
        if name == "issue":
            issues.append(ReportedIssue(value))
        elif not issues:
            raise CommandError("write each --severity after its --issue", BAD_USAGE)
        else:
            issues[-1] = issues[-1]._replace(severity=_issue_severity(value))
    return tuple(issues)


def issues_in(text: str) -> tuple[ReportedIssue, ...]:
    """Return the issues in a text from an editor. `ISSUES_TEMPLATE` explains the format of the text."""
    issues: list[ReportedIssue] = []
    for row in text.splitlines():
        word, colon, issue_text = row.partition(":")
        severity = next((severity for severity in ISSUE_SEVERITIES if severity == word.strip().casefold()), None)
        if colon and severity:
            issues.append(ReportedIssue(issue_text.strip(), severity))
        elif issues:
            issues[-1] = issues[-1]._replace(text=f"{issues[-1].text}\n{row}")
        elif row.strip():
            issues.append(ReportedIssue(row))
    return tuple(issue._replace(text=issue.text.strip()) for issue in issues if issue.text.strip())


def _issue_severity(value: str) -> IssueSeverity:
    return next(severity for severity in ISSUE_SEVERITIES if severity == value)


def _ask_for_issues(subject: str) -> tuple[ReportedIssue, ...]:
    """Ask the user in a text editor for the issues of a FIX. `subject` is the id and title of the achievement.

    Raises CommandError if there is no terminal, or if the user enters no issue.
    """
    issues: tuple[ReportedIssue, ...] = ()
    if sys.stdin.isatty() and sys.stderr.isatty():
        issues = issues_in(edit_text("FIX.md", ISSUES_TEMPLATE.format(about=visible_in_one_line(subject))))
    if not issues:
        raise CommandError(
            "say what is wrong: --issue TEXT (with --severity), or --note TEXT; nothing was written", BAD_USAGE
        )
    return issues


def _refusal(error: DecisionRefusedError) -> CommandError:
    """Return the error that ends the command if a decision is refused. The error has the exit code of the command."""
    if error.is_settled or error.is_unread:
        return CommandError(str(error), NOTHING_TO_DO if error.is_settled else UNREADABLE)
    hint = (
        "\nNothing was written. To approve it anyway: --force, with a --note that says why"
        if error.missing_proofs
        else ""
    )
    return CommandError(f"{error}{hint}", WAITING)


def _print_proofs(subject: str, decision_file: DecisionFile, *, quiet: bool) -> None:
    """Print the proofs and preflight findings of an achievement. `subject` is the id and title of the achievement."""
    if decision_file.proofs:
        print_note(f"{subject}, by the files:", quiet=quiet)
    for proof in decision_file.proofs:
        print_note(f"  {'✓' if proof.is_met else '✗'} {proof.says}", quiet=quiet)
    for finding in decision_file.preflight:
        print_note(f"  ! {finding.path}:{finding.line} {finding.message}", quiet=quiet)
