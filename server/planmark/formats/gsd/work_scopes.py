"""The scope of the work on the plans of a tree, from their front matter."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from planmark.formats.gsd.graph import in_dependency_order
from planmark.formats.gsd.layout import FOLDER
from planmark.formats.gsd.tree import Tree
from planmark.plans.format import PlanInput
from planmark.plans.work_scope import WorkScope


def scopes(plan_input: PlanInput) -> Mapping[str, WorkScope]:
    """Return the scope of the work on each plan, by ref.

    Each phase follows the phases that it depends on. Within a phase, the waves that the PLANs state decide the order.
    """
    tree = Tree(plan_input)
    project_folder = f"/{plan_input.site.folder}".partition(f"/{FOLDER}")[0].removeprefix("/")
    position_by_phase_id = {
        phase_id: index
        for index, phase_id in enumerate(in_dependency_order({phase.id: phase.depends_on for phase in tree.phases}))
    }
    sort_key_by_ref = {
        plan.ref: (position_by_phase_id[phase.id], plan.sort_key[0]) for phase in tree.phases for plan in phase.plans
    }
    wave_by_sort_key = {sort_key: wave for wave, sort_key in enumerate(sorted(set(sort_key_by_ref.values())), 1)}
    return {
        plan.ref: WorkScope(
            None,
            tuple(
                posixpath.normpath(posixpath.join(project_folder, path))
                for path in (plan.facts.files_modified if plan.facts else ())
            ),
            wave_by_sort_key[sort_key_by_ref[plan.ref]],
        )
        for phase in tree.phases
        for plan in phase.plans
    }
