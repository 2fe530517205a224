"""The names of formats, and the parts of a view: the plans of one format, or the plans with changed documents."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from planmark.plans.format import PlanSite
from planmark.plans.registry import format_and_role_of, format_named, formats
from planmark.queries.workspace_view import AnyPlan, View

METHODOLOGY = "planmark"
"""The name of the format of PLANs, SUBPLANs and EXECUTION_TASKs."""


def format_names() -> tuple[str, ...]:
    """Return the names of all formats, the name of the methodology first."""
    return (METHODOLOGY, *(registered.name for registered in formats()))


def format_title(name: str) -> str:
    """Return the title of the format with the name `name`, as messages show it."""
    return "Planmark" if name == METHODOLOGY else format_named(name).title


def format_of(path: str) -> str:
    """Return the name of the format that reads the document at `path`; METHODOLOGY if no other format reads it."""
    format_and_role = format_and_role_of(path)
    return format_and_role[0] if format_and_role else METHODOLOGY


def view_of_format(view: View, name: str) -> View:
    """Return a view that contains only the plans of the format `name`.

    The states and diagnostics of these plans still depend on the whole workspace.
    """
    snapshot = view.snapshot
    sites = tuple(site for site in snapshot.sites if site.format == name)
    if name == METHODOLOGY:
        return replace(view, snapshot=msgspec.structs.replace(snapshot, sites=sites), whole_view=view)
    snapshot_of_format = msgspec.structs.replace(snapshot, plans=(), sites=sites, orphans=(), misnamed=())
    return replace(view, snapshot=snapshot_of_format, whole_view=view)


def no_plans_of_format_message(view: View, name: str) -> str:
    """Return the message that a workspace has no plan of the format `name`.

    The message names the formats of the existing plans.
    """
    whole_view = view.whole_view or view
    present_formats = [
        format_name
        for format_name in format_names()
        if any(_has_format(plan, format_name) for plan in whole_view.plans)
    ]
    hint = f"; it has plans of {', '.join(map(format_title, present_formats))}" if present_formats else ""
    return f"no plan of {format_title(name)} in {view.snapshot.root}{hint}"


def _has_format(plan: AnyPlan, name: str) -> bool:
    return plan.format == name if isinstance(plan, PlanSite) else name == METHODOLOGY


def documents_of_changed_plans(view: View, changed_paths: frozenset[str]) -> frozenset[str]:
    """Return `changed_paths`, and the paths of all files of the plans with a changed document.

    The files of a plan are its documents, and the files with diagnostics about the plan. A deleted document counts as a
    document of the plans whose folder is nearest above its path.
    """
    plan_by_path = {path: view.any_plan_of(path) for path in changed_paths}
    plans: dict[str, AnyPlan] = {plan.path: plan for plan in plan_by_path.values() if plan}
    # Several plans may share a document, such as the constitution of spec-kit.
    plans.update((site.path, site) for site in view.snapshot.sites if not changed_paths.isdisjoint(site.documents))
    removed_paths = [path for path, plan in plan_by_path.items() if plan is None and not view.snapshot.has(path)]
    for path in removed_paths:
        if path.endswith((".md", ".json")):
            plans.update((plan.path, plan) for plan in view.plans_around(path))
    document_paths = set(changed_paths)
    for plan in plans.values():
        document_paths.add(plan.path)
        document_paths.update(diagnostic.path for diagnostic in view.diagnostics_of(plan))
        if isinstance(plan, PlanSite):
            document_paths.update(plan.documents)
    document_paths.update(path for path, owner in view.snapshot.owners.items() if owner in plans)
    return frozenset(document_paths)
