"""The dependencies that an achievement waits for: in its plan, in other plans, and in values that Planmark cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.formats.planmark.workflow.declared import RANGE_BOUND_PER_ACHIEVEMENT
from planmark.prompts.cache import PromptCache
from planmark.queries.explain import explain
from planmark.queries.graph import graph_result
from planmark.queries.graph_drawing import dot, mermaid
from planmark.queries.next import prompt_of
from planmark.queries.state_changes import state_changes
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

PAY, TILL = "plans/PAY", "plans/TILL"
APPROVED = "# APPROVED: Achievement {}\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n**Review Date**: 2026-01-02\n"
SUBPLAN = "# SUBPLAN\n\n**Status**: In Progress\n\n## Objective\n\nx\n\n## Approach\n\nx\n"

TILL_DONE = {
    f"{TILL}/subplans/SUBPLAN_TILL_11.md": SUBPLAN,
    f"{TILL}/execution/EXECUTION_TASK_TILL_11_01.md": "# TASK\n\n**Status**: ✅ Complete\n",
    f"{TILL}/execution/feedbacks/APPROVED_11.md": APPROVED.format("1.1: Drawer"),
}


def plan(feature: str, first: str = "", second: str = "") -> dict[str, str]:
    """Return a PLAN with two achievements and the given texts in their bodies."""
    titles = ("Refunds", "Receipts") if feature == "PAY" else ("Drawer", "Scanner")
    text = (
        f"# PLAN: {feature}\n\n**Status**: In Progress\n\n"
        f"**Achievement 1.1**: {titles[0]}\n\n{first}\n\n**Achievement 1.2**: {titles[1]}\n\n{second}\n"
    )
    return {f"plans/{feature}/PLAN_{feature}.md": text}


class Workspace:
    """Files that change, and an index that follows them."""

    def __init__(self, root: Path, *files: dict[str, str]) -> None:
        self.root, self.view, self.prompts = root, None, PromptCache()
        self.write(*files)
        self.index = Index(root)

    def write(self, *files: dict[str, str]) -> None:
        write_files(self.root, {path: text for part in files for path, text in part.items()})

    def look(self) -> View:
        self.view = build_view(self.index.refresh(), self.index.text_reader(), 0, self.view, exists=self.index.exists)
        return self.view

    def states(self, feature: str) -> dict[str, str]:
        judged = self.look().evaluations[f"plans/{feature}/PLAN_{feature}.md"]
        return {known.id: known.state for known in judged.state.achievements}

    def found(self, code: str) -> list[tuple[str, int, str]]:
        return [(d.path, d.line, d.message) for d in self.look().diagnostics if d.code == code]


def test_another_plan_blocks_until_it_has_approved(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY", "- **Depends on**: @TILL 1.1"), plan("TILL"))
    before = workspace.look()
    state = before.evaluations[f"{PAY}/PLAN_PAY.md"].state
    blocked = state.achievements[0]
    assert (blocked.state, blocked.depends_on, blocked.blocked_by) == ("blocked", ("@TILL 1.1",), ("@TILL 1.1",))
    assert (state.next.step, state.next.achievement) == ("create_subplan", "1.2")
    workspace.write(TILL_DONE)
    after = workspace.look()
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "no_subplan"}
    changes = {(change.plan, change.achievement): change for change in state_changes(before, after)}
    assert changes[f"{PAY}/PLAN_PAY.md", "1.1"][2:4] == ("blocked", "no_subplan")
    assert changes[f"{PAY}/PLAN_PAY.md", "1.1"].cause.startswith(TILL)


def test_a_plan_is_judged_again_only_where_it_takes_something_else_from_another(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY", "- **Depends on**: @TILL 1.1"), plan("TILL"), plan("OTHER"))
    path = f"{PAY}/PLAN_PAY.md"
    before = workspace.look().evaluations[path]
    workspace.write(plan("TILL", second="Another text."), plan("OTHER", second="Another text."))
    assert workspace.look().evaluations[path] is before
    workspace.write(TILL_DONE)
    assert workspace.look().evaluations[path] is not before


def test_blocks_is_the_reverse_in_another_plan_too(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY"), plan("TILL", "- **Blocks**: 1.2, PLAN_PAY 1.1-1.2"))
    assert workspace.states("TILL") == {"1.1": "no_subplan", "1.2": "blocked"}
    assert workspace.states("PAY") == {"1.1": "blocked", "1.2": "blocked"}
    reason = workspace.look().evaluations[f"{PAY}/PLAN_PAY.md"].inputs["1.1"].open_dependencies[0].reason
    assert (reason.path, reason.line) == (f"{TILL}/PLAN_TILL.md", 7)
    workspace.write(plan("TILL"))
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "no_subplan"}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("@NOWHERE 1.1", "no plan is called NOWHERE"),
        ("@TILL 9.9", "plans/TILL/PLAN_TILL.md has no 9.9"),
        ("SUBPLAN_TILL_99", "plans/TILL/PLAN_TILL.md has no SUBPLAN_99"),
        ("@TWIN 1.1", "2 plans are called TWIN: plans/a/TWIN/PLAN_TWIN.md, plans/b/TWIN/PLAN_TWIN.md"),
        ("9.9", "the PLAN has no 9.9"),
    ],
)
def test_an_unknown_dependency_blocks_nothing(tmp_path: Path, value: str, says: str) -> None:
    twins = {f"plans/{folder}/TWIN/PLAN_TWIN.md": plan("TILL")[f"{TILL}/PLAN_TILL.md"] for folder in "ab"}
    workspace = Workspace(tmp_path, plan("PAY", f"- **Needs**: {value}"), plan("TILL"), twins)
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "no_subplan"}
    ((path, line, message),) = workspace.found("dependency-unknown")
    assert (path, line) == (f"{PAY}/PLAN_PAY.md", 7) and says in message


def test_a_plan_that_names_itself_means_itself(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY", second="- **Needs**: PLAN_PAY 1.1"))
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "blocked"}


def test_a_cycle_through_plans_blocks_nothing_and_is_shown_once(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path,
        plan("PAY", "- **Needs**: 1.2", "- **Needs**: @TILL 1.1"),
        plan("TILL", "- **Needs**: 1.2", "- **Needs**: @PAY 1.1"),
    )
    assert set(workspace.states("PAY").values()) | set(workspace.states("TILL").values()) == {"no_subplan"}
    ((path, line, message),) = workspace.found("dependency-cycle")
    assert (path, line) == (f"{PAY}/PLAN_PAY.md", 11)
    assert message.startswith("1.2 → @TILL 1.1 → @TILL 1.2 → 1.1 → 1.2: ")
    workspace.write(plan("TILL", "- **Needs**: 1.2"))
    assert workspace.found("dependency-cycle") == []
    assert workspace.states("PAY") == {"1.1": "blocked", "1.2": "blocked"}
    assert workspace.states("TILL") == {"1.1": "blocked", "1.2": "no_subplan"}


def test_a_circle_elsewhere_leaves_other_dependencies_as_they_are(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path,
        plan("PAY", "- **Needs**: @TILL 1.1", "- **Needs**: @TILL 1.2"),
        plan("TILL", "- **Needs**: @PAY 1.1"),
    )
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "blocked"}
    assert workspace.states("TILL") == {"1.1": "no_subplan", "1.2": "no_subplan"}


def test_a_large_circle_is_found_at_once(tmp_path: Path) -> None:
    ids = [f"{one}.{other}" for one in range(1, 41) for other in range(1, 6)]
    needs = [f"{ids[0]}-{ids[-1]}"] * RANGE_BOUND_PER_ACHIEVEMENT + ids[RANGE_BOUND_PER_ACHIEVEMENT - 1 : -1]
    body = "\n\n".join(
        f"**Achievement {known}**: A\n\n- **Needs**: {need}" for known, need in zip(ids, needs, strict=True)
    )
    workspace = Workspace(tmp_path, {f"{PAY}/PLAN_PAY.md": f"# PLAN: Pay\n\n{body}\n"})
    assert set(workspace.states("PAY").values()) == {"no_subplan"}
    assert len(workspace.found("dependency-cycle")) == 1


def many(count: int, field: str = "") -> dict[str, str]:
    """Return a PLAN for CART with 1.1, 1.2, … up to 1.99; the first `count` have the field."""
    each = (f"**Achievement 1.{n}**: A\n\n{field if n <= count else ''}\n" for n in range(1, 100))
    return {"plans/CART/PLAN_CART.md": "# PLAN: Cart\n\n" + "".join(each)}


def test_ranges_beyond_the_bound_block_until_they_are_mended(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, many(RANGE_BOUND_PER_ACHIEVEMENT + 2, "- **Needs**: 1.1-1.99"))
    blocked = [known for known, state in workspace.states("CART").items() if state == "blocked"]
    assert blocked == [f"1.{n}" for n in range(1, RANGE_BOUND_PER_ACHIEVEMENT + 3)]
    (_, line, message), (_, other, _) = workspace.found("dependency-too-wide")
    assert (line, other) == (65, 68)
    assert "name more than 1,980 achievements with 1.1-1.99 of 1.21" in message and "name only the last" in message
    workspace.write(many(RANGE_BOUND_PER_ACHIEVEMENT, "- **Needs**: 1.1-1.99"))
    assert workspace.found("dependency-too-wide") == []


def test_one_achievement_may_wait_for_all_others(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, many(1, "- **Needs**: 1.2-1.99"))
    state = workspace.look().evaluations["plans/CART/PLAN_CART.md"].state
    assert (len(state.dependencies), state.achievements[0].state, state.next.achievement) == (98, "blocked", "1.2")


def test_a_range_of_what_is_blocked_that_is_too_wide_blocks_all(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, many(RANGE_BOUND_PER_ACHIEVEMENT + 1, "- **Blocks**: 1.1-1.99"))
    assert set(workspace.states("CART").values()) == {"blocked"}


def test_a_range_in_another_plan_that_is_too_wide_blocks(tmp_path: Path) -> None:
    needs = "\n\n".join(["- **Needs**: @CART 1.1-1.99"] * 11)
    workspace = Workspace(tmp_path, plan("PAY", "", needs), many(0))
    judged = workspace.look().evaluations[f"{PAY}/PLAN_PAY.md"]
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "blocked"}
    assert "PLAN_PAY.md line 31 cannot be read" in judged.state.achievements[1].evidence[0].says
    assert [(path, line) for path, line, _ in workspace.found("dependency-too-wide")] == [(f"{PAY}/PLAN_PAY.md", 31)]


def test_a_range_in_another_plan_that_would_wait_and_is_too_wide_blocks_that_plan(tmp_path: Path) -> None:
    blocks = "\n\n".join(["- **Blocks**: @CART 1.1-1.99"] * 11)
    workspace = Workspace(tmp_path, plan("PAY", "", blocks), many(0))
    assert set(workspace.states("CART").values()) == {"blocked"}
    state = workspace.look().evaluations["plans/CART/PLAN_CART.md"].state
    assert (state.next.step, state.next.file) == ("wait", f"{PAY}/PLAN_PAY.md")
    workspace.write(plan("PAY"))
    assert set(workspace.states("CART").values()) == {"no_subplan"}


BROKEN = ['{\n"achievements": [', "", "[]", '{"plan_name": "PAY"}', '{"achievements": {}}', "null", "\0"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_parallel_file_that_cannot_be_read_blocks_what_has_no_work(tmp_path: Path, text: str) -> None:
    work = {f"{PAY}/subplans/SUBPLAN_PAY_12.md": SUBPLAN}
    workspace = Workspace(tmp_path, plan("PAY"), {f"{PAY}/parallel.json": text})
    state = workspace.look().evaluations[f"{PAY}/PLAN_PAY.md"].state
    assert {known.state for known in state.achievements} == {"blocked"}
    assert all(known.evidence[0].path == f"{PAY}/parallel.json" for known in state.achievements)
    assert (state.next.step, state.next.file) == ("wait", f"{PAY}/parallel.json")
    assert "parallel.json line" in state.next.reason and "Mend it" in state.next.reason
    workspace.write(work)
    assert workspace.states("PAY") == {"1.1": "blocked", "1.2": "no_execution"}
    workspace.write({f"{PAY}/parallel.json": '{"achievements": []}'})
    assert workspace.states("PAY") == {"1.1": "no_subplan", "1.2": "no_execution"}


@pytest.mark.parametrize("text", [*BROKEN, '{"achievements": [{"achievement_id": "1.1", "dependencies": "1.2"}]}'])
def test_nothing_overwrites_a_parallel_file_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    workspace = Workspace(tmp_path, plan("PAY"), {f"{PAY}/parallel.json": text})
    view = workspace.look()
    prompt = prompt_of(view, view.snapshot.plans[0], None, "parallel")
    assert (prompt.step, prompt.writes) == ("wait", ())
    assert "do not write the file again" in prompt.prompt and "```json" not in prompt.prompt


@pytest.mark.parametrize(
    "entry",
    [
        '{"achievement_id": "1.1", "dependencies": "1.2"}',
        '{"achievement_id": "1.1", "depends_on": ["1.2"]}',
        '{"achievement_id": "1.1", "dependencies": [], "Blocked By": ["1.2"]}',
        '{"achievement_id": "1.1", "dependencies": ["one"]}',
        '{"achievement_id": "1.1", "dependencies": [1.2]}',
        '{"achievement_id": 1.1, "dependencies": ["1.2"]}',
        '{"achievement_id": "Achievement 1.1: Refunds", "dependencies": ["1.2"]}',
    ],
)
def test_an_entry_that_cannot_be_read_blocks_its_own_achievement(tmp_path: Path, entry: str) -> None:
    text = f'{{"achievements": [\n{{"achievement_id": "1.2"}},\n{entry}]}}'
    workspace = Workspace(tmp_path, plan("PAY"), {f"{PAY}/parallel.json": text})
    assert workspace.states("PAY") == {"1.1": "blocked", "1.2": "no_subplan"}
    known = workspace.look().evaluations[f"{PAY}/PLAN_PAY.md"].state.achievements[0]
    assert [(e.path, e.line) for e in known.evidence] == [(f"{PAY}/parallel.json", 3)]


def test_a_parallel_file_names_other_plans_and_the_reverse(tmp_path: Path) -> None:
    entry = '{"achievement_id": "1.1", "dependencies": ["@TILL 1.1"], "blocks": ["1.2", "@TILL 1.2"]}'
    workspace = Workspace(
        tmp_path, plan("PAY"), plan("TILL"), {f"{PAY}/parallel.json": f'{{"achievements": [{entry}]}}'}
    )
    assert workspace.states("PAY") == {"1.1": "blocked", "1.2": "blocked"}
    assert workspace.states("TILL") == {"1.1": "no_subplan", "1.2": "blocked"}


def test_the_step_parallel_shows_what_the_file_says(tmp_path: Path) -> None:
    entry = '{"achievement_id": "1.2", "dependencies": ["@TILL 1.1"], "blocks": ["1.1"], "status": "complete"}'
    files = (plan("PAY", second="- **Needs**: 1.1"), plan("TILL"))
    workspace = Workspace(tmp_path, *files, {f"{PAY}/parallel.json": f'{{"achievements": [{entry}]}}'})
    view = workspace.look()
    shown = prompt_of(view, view.snapshot.plans[0], None, "parallel").prompt
    assert '{"achievement_id": "1.2", "dependencies": ["@TILL 1.1"], "blocks": ["1.1"]}' in shown
    assert (
        '"achievement_id": "1.1"' not in shown and "complete" not in shown.partition("```json")[2].partition("```")[0]
    )


def test_the_prompt_quotes_an_unreadable_dependency(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY", "- **Requires**: Python 3.10\n- **Needs**: 1.2 (optional)"))
    view = workspace.look()
    prompt = prompt_of(view, view.snapshot.plans[0], "1.1").prompt
    assert "- `plans/PAY/PLAN_PAY.md` line 7: - **Requires**: Python 3.10\n" in prompt
    assert "line 8: - **Needs**: 1.2 (optional)\n" in prompt


def test_the_prompt_follows_another_plan(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path, plan("PAY", "- **Needs**: @TILL 1.1"), plan("TILL"), {f"{PAY}/subplans/SUBPLAN_PAY_12.md": SUBPLAN}
    )

    def prompt() -> str:
        view = workspace.look()
        return prompt_of(view, view.snapshot.plans[0], "1.1", cache=workspace.prompts).prompt

    assert "plans/PAY/PLAN_PAY.md` line 7: - **Needs**: @TILL 1.1" in prompt()
    assert "- @TILL 1.1 Drawer: `planmark next @TILL 1.1`" in prompt()
    workspace.write(TILL_DONE)
    assert "- @TILL 1.1 Drawer: approved (`plans/TILL/execution/feedbacks/APPROVED_11.md`)" in prompt()


def test_why_and_the_graph_show_another_plan(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, plan("PAY", "- **Needs**: @TILL 1.2, 1.2"), plan("TILL", second="- **Needs**: 1.1"))
    view = workspace.look()
    plan_of_pay = view.snapshot.plan_at(f"{PAY}/PLAN_PAY.md")
    assert plan_of_pay
    why = explain(view, plan_of_pay, view.state(plan_of_pay.path).achievements[0])
    (row,) = [rule for rule in why.rules if rule.matched]
    assert (row.rule, row.evidence[0].says) == ("J", "- **Needs**: @TILL 1.2, 1.2")
    graph = graph_result(view, f"{PAY}/PLAN_PAY.md")
    (foreign,) = [node for node in graph.nodes if node.plan]
    assert (foreign.id, foreign.title, foreign.state, foreign.plan) == (
        "@TILL 1.2",
        "Scanner",
        "blocked",
        f"{TILL}/PLAN_TILL.md",
    )
    assert {(edge.achievement, edge.depends_on) for edge in graph.edges} == {("1.1", "@TILL 1.2"), ("1.1", "1.2")}
    assert '  aTILL__1_2["@TILL 1.2 Scanner<br/>blocked"]:::blocked\n' in mermaid(graph)
    assert "  aTILL__1_2 --> a1_1\n" in mermaid(graph)
    assert '  "@TILL 1.2" -> "1.1";\n' in dot(graph)


@pytest.mark.parametrize(
    "text",
    [
        '{"achievements": [{"achievement_id": "1.1",\n"dependencies": ["1.2"], "dependencies": []}]}',
        '{"achievements": [{"achievement_id": "1.1", "dependencies": ["1.2"]}],\n"achievements": []}',
        '{"achievements": [\n{"id": "1.1", "dependencies": ["1.2"]}]}',
    ],
)
def test_repeated_keys_and_entries_without_achievement_block_all(tmp_path: Path, text: str) -> None:
    workspace = Workspace(tmp_path, plan("PAY"), {f"{PAY}/parallel.json": text})
    state = workspace.look().evaluations[f"{PAY}/PLAN_PAY.md"].state
    assert {known.state for known in state.achievements} == {"blocked"}
    assert state.achievements[0].evidence[0].line == 2


@pytest.mark.parametrize("entry", ['"title": "After all", "needs": []', '"notes": "depends on: luck"', '"after": null'])
def test_other_words_of_a_parallel_file_block_nobody(tmp_path: Path, entry: str) -> None:
    text = f'{{"achievements": [{{"achievement_id": "1.1", "dependencies": [], {entry}}}]}}'
    workspace = Workspace(tmp_path, plan("PAY"), {f"{PAY}/parallel.json": text})
    assert workspace.states("PAY")["1.1"] == "no_subplan"
