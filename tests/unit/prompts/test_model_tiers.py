"""The model that a step needs: one table, and three rules that override it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.prompts.prompt import Prompt
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

PLAN = "**Achievement 1.1**: A\n\n- **Deliverables**:\n  - `{}`\n"
DESIGN = "{}\n\n## Objective\n\nx\n\n## Approach\n\ny\n"
DONE = {"execution/EXECUTION_TASK_X_11_01.md": "**Status**: ✅ Complete\n"}


def prompt(root: Path, files: dict[str, str]) -> Prompt:
    write_files(root, files)
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    return prompt_of(view, view.snapshot.plans[0])


def test_the_step_has_its_tier(tmp_path: Path) -> None:
    found = prompt(tmp_path, {"PLAN_X.md": PLAN.format("a.py")})
    assert (found.role, found.tier) == ("designer", 2)
    assert "(tier 2: design and implementation)" in found.prompt


def test_the_settings_name_tiers_and_models(tmp_path: Path) -> None:
    settings = '[roles]\ndesigner = 3\n3 = "the-large-one"\n'
    found = prompt(tmp_path, {"PLAN_X.md": PLAN.format("a.py"), "planmark.toml": settings})
    assert found.tier == 3
    assert "(tier 3, `the-large-one`: the settings say so for the designer)" in found.prompt


@pytest.mark.parametrize(
    ("deliverable", "tier"),
    [
        ("src/auth/login.py", 3),
        ("app/payment.py", 3),
        ("lib/token_store.py", 3),
        ("lib/tokenizer.py", 1),
        ("docs/author.md", 1),
        ("src/list.py", 1),
    ],
)
def test_sensitive_files_are_reviewed_deeply(tmp_path: Path, deliverable: str, tier: int) -> None:
    found = prompt(
        tmp_path, {"PLAN_X.md": PLAN.format(deliverable), "subplans/SUBPLAN_X_11.md": DESIGN.format("# S"), **DONE}
    )
    assert (found.step, found.tier) == ("request_review", tier)


def test_the_subplan_has_the_last_word(tmp_path: Path) -> None:
    design = DESIGN.format("# S\n\n**Model Tier**: Tier 2 (Sonnet)")
    found = prompt(tmp_path, {"PLAN_X.md": PLAN.format("src/auth.py"), "subplans/SUBPLAN_X_11.md": design, **DONE})
    assert found.tier == 2
    assert "SUBPLAN_X_11.md asks for it" in found.prompt


def test_a_review_says_which_deliverables_are_there(tmp_path: Path) -> None:
    design = DESIGN.format("# S\n\n**Deliverables**: `../secret.txt`")
    files = {"PLAN_X.md": PLAN.format("a.py") + "  - `b.py`\n", "a.py": "x", "subplans/SUBPLAN_X_11.md": design, **DONE}
    found = prompt(tmp_path / "w", files)
    assert "- `a.py` (exists)" in found.prompt
    assert "- `b.py` (not there)" in found.prompt
