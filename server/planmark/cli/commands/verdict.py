"""`planmark verdict`: a reviewer's decision on an achievement, or an executor's answer to one, as a file."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from typing import Any, get_args

from planmark.cli.console import print_line, say
from planmark.cli.errors import BAD_USAGE, DONE, NOTHING_TO_DO, UNREADABLE, WAITING, CommandError
from planmark.cli.text_editor import edited
from planmark.cli.workspace_access import alone_in, find_meant, fresh_view, open_workspace, write
from planmark.documents.dates import written
from planmark.documents.verdict import SEVERITIES, Severity
from planmark.prompts.scaffold import DECISIONS, DecisionNote, ReportedIssue, person
from planmark.queries.meant import achievement_needed, of_methodology
from planmark.queries.verdicts import DecisionRefusedError, Recorded, record
from planmark.text.visible import in_line

WHAT_IS_WRONG = """
# What is wrong with {about}?
# A line that begins with `critical:`, `major:` or `minor:` starts an issue; other lines continue the issue above.
# Lines that begin with # are ignored. Without an issue, nothing is written.
"""


class _Points(argparse.Action):
    """The issues and severities, in the order of the command line."""

    def __call__(self, _parser: object, args: argparse.Namespace, value: Any, _option: str | None = None) -> None:
        args.points = [*args.points, (self.dest, value)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("decision", choices=DECISIONS, help="the decision; `resolve` answers a FIX")
    parser.add_argument("feature", metavar="@FEATURE", help="the plan")
    parser.add_argument(
        "achievement", nargs="?", metavar="N.N", help="the achievement; not needed for the path of one of its documents"
    )
    parser.add_argument("--reviewer", metavar="NAME", default="", help="the reviewer; for `resolve`, the executor")
    parser.add_argument("--note", metavar="TEXT", default="", help="what was checked, is wrong, or was done")
    parser.add_argument("--issue", metavar="TEXT", action=_Points, help="`fix`: an issue; repeatable")
    parser.add_argument(
        "--severity", choices=get_args(Severity), action=_Points, help="`fix`: the severity of the issue before it"
    )
    parser.add_argument(
        "--force", action="store_true", help="`approve`: even if the files do not support it; needs --note"
    )
    parser.set_defaults(points=[])


def run(args: argparse.Namespace) -> int:
    """Run the command. The result is the path of the file."""
    who = person(args.reviewer)
    if not who and args.decision != "resolve":
        raise CommandError("a verdict needs its reviewer: --reviewer NAME", BAD_USAGE)
    if args.points and args.decision != "fix":
        raise CommandError("--issue and --severity are for `planmark verdict fix`", BAD_USAGE)
    if args.force and args.decision != "approve":
        raise CommandError("--force is for `planmark verdict approve`", BAD_USAGE)
    view = open_workspace(args)
    meant = find_meant(view, args.feature)
    plan, known = of_methodology(meant.plan, "verdict"), achievement_needed(view, meant, args.achievement)
    issues = issues_of(args.points)
    if args.decision == "fix" and not args.note.strip() and not issues:
        issues = _asked(f"{known.id} {known.title}")
    with alone_in(view):
        now = fresh_view(args.index)
        said = DecisionNote(who, written(datetime.datetime.now(datetime.timezone.utc)), args.note, issues)
        files = now.snapshot.plan_at(plan.path)
        if files is None or known.id not in files.facts.ids:
            raise CommandError(f"{plan.path} no longer has {known.id}: nothing was written", WAITING)
        try:
            recorded = record(now, files, known.id, args.decision, said, force=args.force)
        except DecisionRefusedError as error:
            raise _refused(error) from None
        _show(args, f"{known.id} {known.title}", recorded)
        write(now, recorded.file)
    print_line(recorded.file.path)
    return DONE


def issues_of(points: Sequence[tuple[str, str]]) -> tuple[ReportedIssue, ...]:
    """Pair the issues with their severities. A severity without a partner belongs to the issue before it."""
    texts = [value for name, value in points if name == "issue"]
    severities = [value for name, value in points if name == "severity"]
    if any(not text.strip() for text in texts):
        raise CommandError("an --issue needs its text", BAD_USAGE)
    if len(severities) > len(texts):
        raise CommandError(
            f"{len(severities)} severities for {len(texts)} issues: each --severity needs an --issue", BAD_USAGE
        )
    if len(severities) == len(texts):
        return tuple(ReportedIssue(text, _severity(severity)) for text, severity in zip(texts, severities, strict=True))
    found: list[ReportedIssue] = []
    for name, value in points:
        if name == "issue":
            found.append(ReportedIssue(value))
        elif not found:
            raise CommandError("write each --severity after its --issue", BAD_USAGE)
        else:
            found[-1] = found[-1]._replace(severity=_severity(value))
    return tuple(found)


def issues_in(text: str) -> tuple[ReportedIssue, ...]:
    """Return the issues of a text that the user wrote in an editor, see `WHAT_IS_WRONG`."""
    found: list[ReportedIssue] = []
    for line in text.splitlines():
        word, colon, rest = line.partition(":")
        severity = next((known for known in SEVERITIES if known == word.strip().casefold()), None)
        if colon and severity:
            found.append(ReportedIssue(rest.strip(), severity))
        elif found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        elif line.strip():
            found.append(ReportedIssue(line))
    return tuple(issue._replace(text=issue.text.strip()) for issue in found if issue.text.strip())


def _severity(value: str) -> Severity:
    return next(known for known in SEVERITIES if known == value)


def _asked(about: str) -> tuple[ReportedIssue, ...]:
    """Ask the user in an editor for issues. Raises CommandError without a terminal, or if there are none."""
    issues: tuple[ReportedIssue, ...] = ()
    if sys.stdin.isatty() and sys.stderr.isatty():
        issues = issues_in(edited("FIX.md", WHAT_IS_WRONG.format(about=in_line(about))))
    if not issues:
        raise CommandError(
            "say what is wrong: --issue TEXT (with --severity), or --note TEXT; nothing was written", BAD_USAGE
        )
    return issues


def _refused(error: DecisionRefusedError) -> CommandError:
    if error.settled or error.unread:
        return CommandError(str(error), NOTHING_TO_DO if error.settled else UNREADABLE)
    hint = "\nNothing was written. To approve it anyway: --force, with a --note that says why" if error.missing else ""
    return CommandError(f"{error}{hint}", WAITING)


def _show(args: argparse.Namespace, about: str, recorded: Recorded) -> None:
    """Print what the files prove before an approval is written."""
    if recorded.proofs:
        say(f"{about}, by the files:", quiet=args.quiet)
    for proof in recorded.proofs:
        say(f"  {'✓' if proof.holds else '✗'} {proof.says}", quiet=args.quiet)
