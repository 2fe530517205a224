"""Renaming an achievement to any number."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from planmark.formats.planmark.editor.rename import rename
from planmark.ide.document import EditorDocument
from planmark.ide.features import RenameRefusedError
from rename_helpers import carried_out, states, view_of_files

IDS = st.builds("{}.{}".format, st.integers(0, 12), st.integers(1, 12))


@given(st.lists(IDS, min_size=2, max_size=5, unique=True), IDS)
def test_any_number_leaves_every_state_as_it_was(ids: list[str], new: str) -> None:
    """Rename to any id and back, unless the rename is refused: the states are the same as before."""
    plan = "".join(f"**Achievement {known}**: T\n\n" for known in ids)
    number = ids[0].replace(".", "")
    files = {
        "plans/PAY/PLAN_PAY.md": plan,
        f"plans/PAY/subplans/SUBPLAN_PAY_{number}.md": f"**Achievement Addressed**: {ids[0]}\n\n## Objective\n\nx\n",
        f"plans/PAY/execution/feedbacks/APPROVED_{number}.md": f"# APPROVED: Achievement {ids[0]}\n",
    }
    try:
        after = carried_out(files, rename(EditorDocument(view_of_files(files), "plans/PAY/PLAN_PAY.md"), 0, 15, new))
    except RenameRefusedError:
        return
    expected = {("PAY", new if known == ids[0] else known): state for (_, known), state in states(files).items()}
    assert states(after) == expected
    back = carried_out(after, rename(EditorDocument(view_of_files(after), "plans/PAY/PLAN_PAY.md"), 0, 15, ids[0]))
    assert states(back) == states(files)
