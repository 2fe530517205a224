"""The lookup of plans and achievements by name, and the choice of the most urgent plan."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence
from typing import Literal, get_args

from planmark.plans.document_format import document_format
from planmark.plans.format import PlanSite
from planmark.plans.model import WORKABLE_LIFECYCLES, AchievementState, Lifecycle, PlanState
from planmark.plans.phrases import lifecycle_text
from planmark.plans.priority import rank_of
from planmark.queries.misnamed import rejection_text
from planmark.queries.plan_answers import answer_functions
from planmark.queries.workspace_view import AnyPlan, View
from planmark.workspace.left_out import EXCLUDE_SETTING, LeftOut
from planmark.workspace.snapshot import Snapshot, plans_with_same_feature

NoAnswerCause = Literal["usage", "unreadable", "nothing_to_do", "waiting"]
"""The causes of a missing answer. The exit code of a command depends on the cause."""

MAX_LISTED_LINES = 12
"""Maximum number of entries of a list in a message."""
MAX_NAMED_FOLDERS = 20
"""Maximum number of folders that the message about a missing plan names."""
LIFECYCLE_ORDER: tuple[Lifecycle, ...] = get_args(Lifecycle)
"""The lifecycles, the most urgent first."""
FORMAT_CONDITION_ORDER = ("in_progress", "needs_attention", "planned", "no_achievements", "complete")
"""The conditions of plans in formats without verdicts, the most urgent first.

In these formats, a plan in the condition `needs_attention` seldom waits for a person, so this condition comes second.
"""
CONDITION_ORDER = ("needs_attention", "in_progress", "planned", "no_achievements", "complete")
"""The conditions of PLANs, the most urgent first."""


class NoAnswerError(Exception):
    """A command or a request has no answer. The message says why, and often names the existing plans, ids or values."""

    def __init__(self, message: str, cause: NoAnswerCause) -> None:
        super().__init__(message)
        self.cause: NoAnswerCause = cause


def plan_named(view: View, query: str) -> AnyPlan:
    """Return the plan that `query` names, such as `@FEATURE`.

    The tests for a feature are, in this order: the same name, the same name ignoring case, a prefix, a substring. The
    first test that a plan passes decides. If no match is a PLAN, archived plans count only if all matches are archived.
    Raises NoAnswerError if no plan matches, or if several plans pass the deciding test.
    """
    snapshot = view.snapshot
    if not view.plans:
        raise NoAnswerError(no_plans_message(snapshot), "unreadable")
    name = _feature_in_query(query)
    folded_name = name.casefold()
    for test in (
        lambda plan: plan.feature == name,
        lambda plan: plan.feature.casefold() == folded_name,
        lambda plan: plan.feature.casefold().startswith(folded_name),
        lambda plan: folded_name in plan.feature.casefold(),
    ):
        matching = [plan for plan in view.plans if folded_name and test(plan)]
        if all(isinstance(plan, PlanSite) for plan in matching):
            matching = [plan for plan in matching if plan.lifecycle != "archived"] or matching
        if len(matching) == 1:
            return matching[0]
        if matching:
            list_text = "\n".join(f"  @{plan.feature}  {plan.path}" for plan in matching)
            raise NoAnswerError(
                f"{query} matches {len(matching)} plans; name one of them, or its path:\n{list_text}", "usage"
            )
    raise NoAnswerError(_unknown_plan_message(view, query, name), "usage")


def plan_at(view: View, path: str) -> AnyPlan:
    """Return the plan of the document at `path`, relative to the workspace.

    Raises NoAnswerError if the document belongs to no plan.
    """
    if plan := view.any_plan_of(path):
        return plan
    snapshot = view.snapshot
    reason = next((rejection_text(rejected) for rejected in snapshot.not_plans if rejected.path == path), "")
    reason = reason or next(
        (file.says for file in answer_functions().misnamed(snapshot, None) if file.path == path), ""
    )
    reason = reason or next((problem.message for problem in snapshot.problems if problem.path == path), "")
    raise NoAnswerError(f"{path} belongs to no plan" + (f": {reason}" if reason else ""), "unreadable")


def looks_like_path(name: str) -> bool:
    """Tell whether `name`, as a user wrote it, is a path and not the name of a plan."""
    return name in (".", "..") or "/" in name or "\\" in name or name.endswith((".md", ".json"))


def achievement_named(state: PlanState, name: str) -> AchievementState:
    """Return the achievement whose id or ref is `name`. If `name` is `:LINE`, return the achievement at this line.

    Raises NoAnswerError if there is no such achievement. The message names the existing ids.
    """
    search_text = name.strip()
    for item in state.achievements:
        if search_text in (item.id, item.ref):
            return item
    if items_at_line := [item for item in state.achievements if search_text == f":{item.line}"]:
        return items_at_line[0]
    ids = [item.id or item.ref for item in state.achievements]
    similar_ids = difflib.get_close_matches(name, ids, 3, 0.4)
    list_text = ", ".join(ids) or "none can be read"
    hint = f"; did you mean {' or '.join(similar_ids)}?" if similar_ids else "."
    item_word = "achievement" if state.format == "planmark" else "task"
    raise NoAnswerError(f"no {item_word} {name} in {state.path}{hint} It has: {list_text}", "usage")


def most_urgent_plan(view: View, step: str | None = None) -> AnyPlan:
    """Return the first plan in the order of `plan_sort_key`. Plans whose next step is `step` come before all others.

    Plans without work are left out, and so are paused, stopped and archived plans. PLANs with the same name are also
    left out, because one of them may be an old copy. Raises NoAnswerError if no plan remains.
    """
    plans = view.plans
    if not plans:
        raise NoAnswerError(no_plans_message(view.snapshot), "unreadable")
    states = {plan.path: view.state(plan.path) for plan in plans}
    unfinished_plans = [plan for plan in plans if _has_work(plan, states[plan.path])]
    candidates = [plan for plan in unfinished_plans if states[plan.path].lifecycle in WORKABLE_LIFECYCLES]
    plans_by_feature = plans_with_same_feature(view.snapshot.plans) if candidates else {}
    if distinctly_named_plans := [
        plan for plan in candidates if isinstance(plan, PlanSite) or plan.feature not in plans_by_feature
    ]:
        return min(
            distinctly_named_plans,
            key=lambda plan: (step is not None and states[plan.path].next.step != step, *plan_sort_key(view, plan)),
        )
    if candidates:
        paths = _joined_list([plan.path for plans_of_feature in plans_by_feature.values() for plan in plans_of_feature])
        raise NoAnswerError(
            "several plans with open work have the same name, and one may be an old copy. Name the path of the "
            f"plan (planmark next PATH), and archive or remove the other:\n{paths}",
            "waiting",
        )
    if not unfinished_plans:
        subject = f"all {len(plans)} plans are" if len(plans) > 1 else "the only plan is"
        message = f"nothing to do: {subject} complete{_unread_plans_sentence(view.snapshot)}"
        raise NoAnswerError(message, "nothing_to_do")
    list_text = _joined_list(
        [f"@{state.feature} is {lifecycle_text(state)}" for state in states.values() if state.state != "complete"]
    )
    raise NoAnswerError(
        "only plans that are paused, stopped or archived have work left. Resume one (planmark resume @FEATURE), or name "
        f"the plan:\n{list_text}",
        "waiting",
    )


def plan_sort_key(view: View, plan: AnyPlan) -> tuple[bool, int, int, int, int, str]:
    """Return the sort key of a plan. The plans in `view.current_site_paths` come first, then the most urgent plans.

    Of equally urgent plans, the plan that changed last comes first.
    """
    lifecycle_rank, condition_rank, priority_rank, _ = urgency_sort_key(view.state(plan.path))
    return (
        plan.path not in view.current_site_paths,
        lifecycle_rank,
        condition_rank,
        priority_rank,
        -view.changed_ns(plan),
        plan.path,
    )


def workable_plans(view: View) -> list[AnyPlan]:
    """Return the plans that `most_urgent_plan` may choose from, in the order of `plan_sort_key`."""
    plans_by_feature = plans_with_same_feature(view.snapshot.plans)
    plans = [
        plan
        for plan in view.plans
        if view.state(plan.path).lifecycle in WORKABLE_LIFECYCLES
        and _has_work(plan, view.state(plan.path))
        and (isinstance(plan, PlanSite) or plan.feature not in plans_by_feature)
    ]
    return sorted(plans, key=functools.partial(plan_sort_key, view))


def _has_work(plan: AnyPlan, state: PlanState) -> bool:
    """Tell whether a plan has open work. An archived plan in a format other than the methodology counts as a plan
    without open work.
    """
    if isinstance(plan, PlanSite) and state.lifecycle == "archived":
        return False
    return state.state != "complete" or (isinstance(plan, PlanSite) and state.next.step != "closed")


def urgency_sort_key(state: PlanState) -> tuple[int, int, int, str]:
    """Return a sort key that sorts plans by lifecycle, then by condition, by priority and by path. Active plans come
    first.
    """
    condition_order = CONDITION_ORDER if state.format == "planmark" else FORMAT_CONDITION_ORDER
    lifecycle_rank, condition_rank = LIFECYCLE_ORDER.index(state.lifecycle), condition_order.index(state.state)
    return lifecycle_rank, condition_rank, rank_of(state.priority), state.path


def _unread_plans_sentence(snapshot: Snapshot) -> str:
    """Return a sentence with the files that contain achievements, but do not have the name of a PLAN.

    Return "" if there are no such files.
    """
    not_plans = [rejected for rejected in snapshot.not_plans if rejected.holds_achievements]
    list_text = _joined_list([f"{rejected.path}: {rejection_text(rejected)}" for rejected in not_plans])
    return (
        f".\nThese files have achievements, but are not plans because of their names:\n{list_text}" if not_plans else ""
    )


def no_plans_message(snapshot: Snapshot) -> str:
    """Return the message that a workspace has no plan.

    The message names the expected file name, and the files and folders that are not read.
    """
    message = f"no plan in {snapshot.root}: looked for PLAN_<FEATURE>.md in every folder that is not hidden or ignored"
    if snapshot.not_plans:
        lines = [f"{rejected.path}: {rejection_text(rejected)}" for rejected in snapshot.not_plans]
        message += f".\nFiles that are not plans:\n{_joined_list(lines)}"
    if misnamed := answer_functions().misnamed(snapshot, None):
        message += f".\nNot read:\n{_joined_list([f'{file.path}: {file.says}' for file in misnamed])}"
    if snapshot.left_out:
        shown_text = "\n".join(f"  {exclusion_text(entry)}" for entry in snapshot.left_out[:MAX_NAMED_FOLDERS])
        more = snapshot.ignored_folders - MAX_NAMED_FOLDERS
        message += (
            f"{_line_separator(message)}Excluded (`files.include` includes what ignore files exclude):\n{shown_text}"
        )
        message += f"\n  and {more} more folders" if more > 0 else ""
    if snapshot.checkouts:
        shown_text = "\n".join(f"  {folder}" for folder in snapshot.checkouts[:MAX_NAMED_FOLDERS])
        message += (
            f"{_line_separator(message)}Other checkouts, read only with `files.nestedCheckouts = true`:\n{shown_text}"
        )
    return message


def _line_separator(message: str) -> str:
    """Return the text between `message` and the next line: a line break, after a full stop if `message` is one line.

    A message of several lines ends with a list, which needs no full stop.
    """
    return "\n" if "\n" in message else ".\n"


def exclusion_text(left_out: LeftOut) -> str:
    """Return the path of an excluded folder or file, and the rule that excludes it, as text."""
    if left_out.source == EXCLUDE_SETTING:
        return f"{left_out.path}: the setting `{EXCLUDE_SETTING}` has `{left_out.pattern}`"
    return f"{left_out.path}: {left_out.source}:{left_out.line} says `{left_out.pattern}`"


def _joined_list(lines: Sequence[str]) -> str:
    """Return a list as text: at most MAX_LISTED_LINES of `lines`, and then the number of further lines."""
    more = (
        [f"and {len(lines) - MAX_LISTED_LINES} more (planmark status --all)"] if len(lines) > MAX_LISTED_LINES else []
    )
    return "\n".join(f"  {line}" for line in (*lines[:MAX_LISTED_LINES], *more))


def _feature_in_query(query: str) -> str:
    """Return the feature that a query contains: X for `@X`, `X`, `PLAN_X`, `PLAN_X.md`, or a document of plan X."""
    bare_name = query.removeprefix("@")
    name = document_format().parse_name(bare_name if bare_name.endswith(".md") else f"{bare_name}.md")
    return name.feature if name and name.feature else bare_name


def _unknown_plan_message(view: View, query: str, name: str) -> str:
    """Return the message that no plan matches. `query` is the text of the user, `name` is the feature in this text."""
    root, features = view.snapshot.root, sorted({plan.feature for plan in view.plans})
    similar_features = difflib.get_close_matches(name.upper(), features, 3, 0.5) or difflib.get_close_matches(
        name, features, 3, 0.5
    )
    if similar_features:
        return f"no plan {query} in {root}; did you mean {' or '.join(f'@{feature}' for feature in similar_features)}?"
    shown_text = ", ".join(f"@{feature}" for feature in features[:12])
    more = f" and {len(features) - 12} more (planmark status)" if len(features) > 12 else ""
    return f"no plan {query} in {root}. Plans: {shown_text}{more}"
