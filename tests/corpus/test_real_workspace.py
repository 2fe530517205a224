"""The real workspace, compared with what a human reader decided about it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from fixture import write_files
from planmark.cli.main import main
from planmark.cli.workspace_access import fresh_view
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.subplan import Subplan
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.formats.planmark.prompts.next_prompt import next_prompt
from planmark.markdown.sections import split_into_sections
from planmark.prompts.prompt import NothingToDoError, Prompt, workable_step
from planmark.queries.workspace_view import View
from planmark.text.mojibake import repair_mojibake
from planmark.workspace.index import Index, load_snapshot


@pytest.fixture(scope="module")
def workspace(shared: Path) -> View:
    return fresh_view(Index(shared / "context-manager"))


@pytest.fixture(scope="module")
def labelled(expected: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan for plan in expected["plans"] if plan["is_plan"]]


def test_the_plans_and_the_impostors(workspace: View, expected: dict[str, Any], labelled: list[dict[str, Any]]) -> None:
    assert {plan.path: plan.feature for plan in workspace.snapshot.plans} == {
        plan["path"]: plan["feature"] for plan in labelled
    }
    impostors = {plan["path"] for plan in expected["plans"] if not plan["is_plan"]}
    assert {rejected.path for rejected in workspace.snapshot.not_plans} == impostors
    assert all(rejected.reason for rejected in workspace.snapshot.not_plans)
    assert sorted(orphan.feature for orphan in workspace.snapshot.orphans) == sorted(expected["orphan_features"])
    assert workspace.snapshot.problems == ()


def test_no_ordinary_work_is_an_error(workspace: View) -> None:
    """Errors are for damage, and nothing in this workspace is damaged."""
    assert [known for known in workspace.diagnostics if known.severity == "error"] == []


def test_the_lifecycles(workspace: View, labelled: list[dict[str, Any]]) -> None:
    assert {plan.path: plan.lifecycle for plan in workspace.snapshot.plans} == {
        plan["path"]: plan["lifecycle"] for plan in labelled
    }


def test_the_ids(workspace: View, labelled: list[dict[str, Any]]) -> None:
    for plan in labelled:
        found = [known.id for known in workspace.evaluations[plan["path"]].state.achievements]
        assert found == [known["id"] for known in plan["achievements"]], plan["feature"]


def test_the_states_of_all_achievements(workspace: View, labelled: list[dict[str, Any]]) -> None:
    wrong, total = [], 0
    for plan in labelled:
        states = {known.id: known.state for known in workspace.evaluations[plan["path"]].state.achievements}
        for known in plan["achievements"]:
            total += 1
            if states[known["id"]] not in known.get("acceptable_states", [known["state"]]):
                wrong.append((plan["feature"], known["id"], states[known["id"]], known["state"]))
    assert wrong == []
    assert total == sum(len(judged.state.achievements) for judged in workspace.evaluations.values())


def test_the_next_steps(workspace: View, labelled: list[dict[str, Any]]) -> None:
    for plan in labelled:
        chosen = workspace.evaluations[plan["path"]].state.next
        found = {"step": chosen.step, "achievement": chosen.achievement}
        assert found in plan.get("acceptable", [plan["next"]]), plan["feature"]


def test_the_issues_of_every_fix(workspace: View, expected: dict[str, Any]) -> None:
    for plan in workspace.snapshot.plans:
        counted = {}
        for document in plan.verdicts:
            if document.name.verdict == "fix" and isinstance(document.facts, Verdict):
                severities = [issue.severity for issue in document.facts.issues]
                counted[document.name.number] = [severities.count("critical"), severities.count("minor")]
        assert counted == expected["fix_issues"].get(plan.feature, {}), plan.feature


def test_objective_and_approach_are_found_where_a_subplan_has_them(workspace: View) -> None:
    """Find a heading that begins with the word, with any emoji before it; text in an open fence is not a heading."""
    for plan in workspace.snapshot.plans:
        for document in plan.subplans:
            assert isinstance(document.facts, Subplan)
            titles = [placed.section.title for placed in split_into_sections(workspace.text(document.path))]
            for word, place in (("Objective", document.facts.objective), ("Approach", document.facts.approach)):
                if any(re.match(rf"[^\w\n]*{word}\b", title) for title in titles):
                    assert place, (document.path, word)


def test_every_evidence_and_claim_stands_where_it_says(workspace: View) -> None:
    for judged in workspace.evaluations.values():
        places = [(claim.path, claim.line) for claim in judged.state.claims]
        for known in judged.state.achievements:
            places += [(evidence.path, evidence.line) for evidence in known.evidence]
        for path, line in places:
            assert 1 <= line <= max(1, len(workspace.text(path).splitlines())), (path, line)
        for claim in judged.state.claims:
            line_text = workspace.text(claim.path).split("\n")[claim.line - 1]
            assert claim.text.removeprefix("Status: ").strip() in line_text, claim


def prompts(workspace: View) -> list[Prompt]:
    """Return the prompt of every plan, and of every achievement that is not approved."""
    found = []
    for plan in workspace.snapshot.plans:
        judged = workspace.evaluations[plan.path]
        steps = [judged.state.next]
        for known in judged.state.achievements:
            try:
                steps.append(workable_step(judged, known))
            except NothingToDoError:
                continue
        found += [next_prompt(workspace.reader, plan, judged, step) for step in steps]
    return found


def test_every_prompt_names_what_exists_and_creates_what_does_not(workspace: View, shared: Path) -> None:
    root = shared / "context-manager"
    for prompt in prompts(workspace):
        for read in prompt.read:
            assert 1 <= read.start <= read.end <= len((root / read.path).read_text(encoding="utf-8").split("\n")), read
        assert all((root / path).is_file() for path in prompt.do_not_read)
        assert not any((root / path).exists() for path in prompt.writes)
        own = "\n".join(line for line in prompt.prompt.split("\n") if not line.startswith("> "))
        assert not re.search(r"\[(?:FEATURE|NN|EE|X\.Y|PLAN|TODO|FILL)", own)
        assert str(root) not in prompt.prompt


def test_the_fix_prompt_has_every_issue(workspace: View) -> None:
    (plan,) = [plan for plan in workspace.snapshot.plans if plan.feature == "LLM-DASHBOARD-CLI"]
    judged = workspace.evaluations[plan.path]
    prompt = next_prompt(workspace.reader, plan, judged, judged.state.next)
    assert (prompt.step, prompt.achievement) == ("address_fix", "1.1")
    assert "3 critical and 3 minor issues" in prompt.prompt
    assert prompt.prompt.count("**critical**") == prompt.prompt.count("**minor**") == 3


def test_a_damaged_subplan_alone_in_a_folder_is_an_orphan_that_is_read_rightly(shared: Path, tmp_path: Path) -> None:
    seeds = sorted((shared.parent / "seeds").glob("001_*"))
    if not seeds:
        pytest.skip(f"the damaged document is not present: {shared.parent / 'seeds'}")
    name = "SUBPLAN_PROMPT-GENERATOR-UX-AND-FOUNDATION_32.md"
    text = seeds[0].read_text(encoding="utf-8")
    write_files(tmp_path, {name: text})
    (orphan,) = load_snapshot(tmp_path).orphans
    assert (orphan.feature, orphan.documents) == ("PROMPT-GENERATOR-UX-AND-FOUNDATION", (name,))
    document = parse(name, text)
    assert document
    assert isinstance(document.facts, Subplan)
    assert document.facts.objective
    assert document.facts.approach
    garbled = [placed.section.title for placed in split_into_sections(text)]
    read = [placed.section.title for placed in split_into_sections(repair_mojibake(text))]
    restored = [(before, after) for before, after in zip(garbled, read, strict=True) if before != after]
    assert len(restored) == len(re.findall(r"^#{1,6} .*[^\x00-\x7f]", text, re.MULTILINE)) > 10
    for before, after in restored:
        assert after.encode().decode("mac_roman") == before
        assert unicodedata.category(after[0]) == "So", after


@pytest.mark.parametrize(
    ("wanted", "folder"),
    [
        ("@LLM-DASHBOARD-CLI", "."),
        ("@dashboard-cli", "."),
        ("work-space/plans/LLM-DASHBOARD-CLI/PLAN_LLM-DASHBOARD-CLI.md", "."),
        ("PLAN_LLM-DASHBOARD-CLI.md", "work-space/plans/LLM-DASHBOARD-CLI"),
        ("@LLM-DASHBOARD-CLI", "work-space/plans/LLM-DASHBOARD-CLI"),
    ],
)
def test_the_fix_prompt_from_the_command_line(
    shared: Path, wanted: str, folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shared / "context-manager" / folder)
    assert main(["next", wanted]) == 0
    printed = capsys.readouterr().out
    assert "3 critical and 3 minor issues" in printed
    assert "1.1" in printed.splitlines()[0]
