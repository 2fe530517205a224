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

    Each phase follows the phases that it depends on. Within a phase, the waves in the PLANs decide the order.
    """
    tree = Tree(plan_input)
    root = f"/{plan_input.site.folder}".partition(f"/{FOLDER}")[0].removeprefix("/")
    number_of = {
        name: index
        for index, name in enumerate(in_dependency_order({phase.id: phase.depends_on for phase in tree.phases}))
    }
    orders = {plan.ref: (number_of[phase.id], plan.order[0]) for phase in tree.phases for plan in phase.plans}
    waves = {order: number for number, order in enumerate(sorted(set(orders.values())), 1)}
    return {
        plan.ref: WorkScope(
            None,
            tuple(
                posixpath.normpath(posixpath.join(root, path))
                for path in (plan.facts.files_modified if plan.facts else ())
            ),
            waves[orders[plan.ref]],
        )
        for phase in tree.phases
        for plan in phase.plans
    }
