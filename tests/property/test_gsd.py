"""Any text is read as a document of GSD."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.gsd import FORMAT
from unit.formats.gsd_tree import plan_text, tree


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for role in ("roadmap", "plan", "verification", "state", "summary"):
        FORMAT.parse("x", role, text)


@given(st.lists(st.sampled_from(["- [x] **Phase 1: A**", "### Phase 2: B", "<details>", "</details>", "- [ ] 01-01: x",
                                 "| 1. A | 1/2 | Complete |", "**Depends on**: Phase 2", "---", "```", "<<<<<<< a"])))  # fmt: skip
def test_any_roadmap_is_evaluated(lines: list[str]) -> None:
    workspace = tree("\n".join(lines), {"01-01": "", "02-01": plan_text(depends="[01-01]")}, done=["01-01"])
    assert workspace.state("planning").achievements
    workspace.diagnostics("planning")
