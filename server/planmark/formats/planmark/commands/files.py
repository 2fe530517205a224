"""Functions that create the files of the methodology, in the types of the core (`queries/authoring.py`)."""

from __future__ import annotations

from collections.abc import Callable

from planmark.formats.planmark.commands import scaffold
from planmark.formats.planmark.commands.adopt import proposals
from planmark.formats.planmark.commands.iterations import log_iteration
from planmark.formats.planmark.commands.verdicts import decision_file, refuse_other_state
from planmark.formats.planmark.prompts.context import Material, material_of
from planmark.queries.authoring import Authoring, NewFileContext
from planmark.workspace.workspace_edits import CreateFile


def _file_maker(make: Callable[[Material], CreateFile]) -> Callable[[NewFileContext], CreateFile]:
    """Return a function that calls `make` with the material of the achievement in a `NewFileContext`."""

    def create(new_file: NewFileContext) -> CreateFile:
        """Return the new file about the achievement of `new_file`."""
        view, plan = new_file.view, new_file.plan
        evaluation = view.evaluations[plan.path]
        material = material_of(view.reader, plan, evaluation, new_file.achievement)
        return make(material._replace(existing_paths=new_file.existing_paths))

    return create


AUTHORING = Authoring(
    create={"subplan": _file_maker(scaffold.new_subplan), "execution": _file_maker(scaffold.new_execution)},
    record=decision_file,
    refuse_other_state=refuse_other_state,
    proposals=proposals,
    new_plan=scaffold.new_plan,
    is_feature=scaffold.is_feature,
    first_issue=scaffold.first_issue_line,
    log_iteration=log_iteration,
)
"""The functions of the methodology that build new files."""
