"""Links, details and prompts of any text lie inside its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.checkbox.lines import split_lines
from planmark.plans.registry import format_named
from unit.formats.format_workspace import FormatWorkspace
from unit.formats.sample_plans import FOLDERS

_NAMES = st.sampled_from(
    (
        *("# ", "## ", "- [ ] ", "1.1", "D1", "task ", "_Requirements: ", "T001", "[US1]", "FR-001", "`a/b.md`"),
        *("](x.md)", "\n", "\r\n", "\t", "_", "：", "Property 1", "Validates:", "```", "<!--", "é", "\u2028", "1. "),
        "### Requirement 1",
    )
)


@pytest.mark.parametrize("name", FOLDERS)
@given(texts=st.lists(st.lists(_NAMES, max_size=30).map("".join), min_size=3, max_size=3))
def test_no_text_breaks_links_details_or_prompts(name: str, texts: list[str]) -> None:
    folder = FOLDERS[name]
    documents = {"openspec": "proposal.md", "kiro": "requirements.md", "speckit": "spec.md"}
    paths = (f"{folder}/tasks.md", f"{folder}/design.md", f"{folder}/{documents[name]}")
    workspace = FormatWorkspace(format_named(name), dict(zip(paths, texts, strict=True)))
    for feature in workspace.sites:
        plan, state = workspace.input(feature), workspace.state(feature)
        for path in plan.documents:
            lines = split_lines(workspace.files[path])
            links = workspace.format.links(plan, path)
            assert all(0 <= link.start < link.end <= len(lines[link.line - 1]) for link in links)
            by_line = [workspace.format.links(plan, path, number) for number in range(1, len(lines) + 1)]
            assert [link for line_links in by_line for link in line_links] == list(links)
        parts = [*workspace.format.prompt(plan, state, state.next).passages]
        for item in state.achievements:
            parts += workspace.format.details(plan, state, item)
        for part in parts:
            assert 1 <= part.start <= part.end <= len(split_lines(workspace.files[part.path]))
