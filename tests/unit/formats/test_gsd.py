"""The reader of GSD: places, ROADMAP, plans and phases with their states, the next step, and ticking."""

from __future__ import annotations

import pytest

from planmark.formats.gsd import FORMAT
from planmark.formats.gsd.documents import PlanFileFacts, plan_id_of_reference
from planmark.formats.gsd.layout import padded_number, phase_sort_key, place_of
from planmark.formats.gsd.roadmap import RoadmapFacts, read_roadmap
from planmark.plans.model import NextStep, PlanState, Step
from planmark.plans.roles import STEP_ROLES
from unit.formats.format_workspace import FormatWorkspace, by_id, states
from unit.formats.gsd_tree import PHASES, ROADMAP, phase_file, plan_text, tree
from work_growth import LIMIT, counted, growth

# Places


@pytest.mark.parametrize(
    ("path", "role"),
    [
        (".planning/ROADMAP.md", "roadmap"),
        ("packages/web/.planning/STATE.md", "state"),
        (".planning/workstreams/mobile/ROADMAP.md", "roadmap"),
        (".planning/milestones/v1.0-ROADMAP.md", "shipped_roadmap"),
        (".planning/phases/01-till/01-01-PLAN.md", "plan"),
        (".planning/phases/CK-02.1-till/02.1-01-SUMMARY.md", "summary"),
        (".planning/phases/01-till/01-VERIFICATION.md", "verification"),
        (".planning/phases/01-till/01-HUMAN-UAT.md", "uat"),
        (".planning/phases/01-till/01-CONTEXT.md", "notes"),
        (".planning/milestones/v1.0-phases/01-till/01-01-PLAN.md", "plan"),
        (".planning/quick/260411-a/260411-a-PLAN.md", None),
        (".planning/phases/milestone-UAT.md", None),
        (".planning/codebase/STACK.md", None),
        (".planning/config.json", None),
        (".claude/get-shit-done/.planning/ROADMAP.md", None),
        ("templates/.planning/ROADMAP.md", None),
        (".planning/.planning/ROADMAP.md", None),
        ("planning/ROADMAP.md", None),
    ],
)
def test_a_file_has_a_role(path: str, role: str | None) -> None:
    assert FORMAT.role_of(path) == role


def test_each_tree_is_a_plan() -> None:
    paths = [
        ".planning/ROADMAP.md",
        ".planning/milestones/v1.0-ROADMAP.md",
        ".planning/milestones/v1.0-phases/01-a/01-01-PLAN.md",
        ".planning/milestones/v1.1-ROADMAP.md",
        ".planning/workstreams/mobile/STATE.md",
        "lib/.planning/PROJECT.md",
        "old/.planning/phases/01-a/01-01-PLAN.md",
    ]
    found = {site.path: (site.feature, site.folder, site.lifecycle) for site in FORMAT.discover(sorted(paths))}
    assert found == {
        ".planning/ROADMAP.md": ("planning", ".planning", "active"),
        ".planning/milestones/v1.0-ROADMAP.md": ("v1.0", ".planning/milestones/v1.0-phases", "archived"),
        ".planning/workstreams/mobile": ("mobile", ".planning/workstreams/mobile", "archived"),
        "old/.planning": ("planning", "old/.planning", "archived"),
    }


def test_numbers_are_padded_and_sorted() -> None:
    assert [padded_number(one) for one in ("1", "01", "12A", "2.1", "100", "0")] == [
        "01",
        "01",
        "12A",
        "02.1",
        "100",
        "00",
    ]
    assert sorted(["10", "02.1", "02", "12A", "02.10", "02.9", "12"], key=phase_sort_key) == [
        *("02", "02.1", "02.9", "02.10", "10", "12", "12A"),
    ]
    assert place_of(".planning/phases/no-number/01-01-PLAN.md") is None


# ROADMAP


def roadmap(text: str) -> RoadmapFacts:
    return read_roadmap(text)


@pytest.mark.parametrize(
    "line",
    [
        "- [x] **Phase 2: Prices** - text",
        "* [X] Phase 2: Prices (3/3 plans)",
        "- [x] **Phase 02: Prices**",
        "- [x] Fase 2: Prices",
    ],
)
def test_a_phase_has_a_box(line: str) -> None:
    (phase,) = roadmap(line).phases
    assert (phase.id, phase.is_ticked, phase.struck, phase.box_line) == ("02", True, False, 1)
    assert phase.title.startswith("Prices")
    assert line[slice(*phase.box)] in "xX"


@pytest.mark.parametrize("line", ["- [ ] ~~Phase 4: Old~~", "- [ ] ~~**Phase 4: Old**~~", "- [x] **~~Phase 4: Old~~**"])
def test_a_phase_that_is_struck_through(line: str) -> None:
    assert roadmap(line).phases[0].struck


@pytest.mark.parametrize(
    ("line", "identity", "title"),
    [
        ("### Phase 2.1: Till (INSERTED)", "02.1", "Till (INSERTED)"),
        ("## Phase 3 — Till", "03", "Till"),
        ("#### 🚧 Phase 12A: Till", "12A", "Till"),
        ("### Fase 1: Caja", "01", "Caja"),
        ("### Phase 1", "01", ""),
    ],
)
def test_a_phase_has_a_heading(line: str, identity: str, title: str) -> None:
    (phase,) = roadmap(line).phases
    assert (phase.id, phase.title, phase.line, phase.is_ticked) == (identity, title, 1, None)


@pytest.mark.parametrize(
    "line",
    [
        "# Phase 1: Title",
        "### Phases 1-3",
        "- [x] Phased rollout",
        "- Phase 1: no box",
        "> - [x] Phase 1: quoted",
        "```\n- [x] Phase 1: code\n```",
        "<!-- \n- [x] Phase 1: comment\n-->",
    ],
)
def test_other_lines_are_no_phases(line: str) -> None:
    assert roadmap(line).phases == ()


@pytest.mark.parametrize(
    "line",
    [
        "- [x] 02-01-PLAN.md — Prices",
        "- [x] 02-01: Prices",
        "- [x] **02-01-PLAN.md** – Prices",
        "  * [X] `02-01-PLAN.md` -- Prices",
        "- [x] 2-1 Prices",
        "- [x] Plan 02-01: Prices",
        "- [x] [02-01-PLAN.md](phases/02-a/02-01-PLAN.md) — Prices",
    ],
)
def test_a_plan_has_a_box(line: str) -> None:
    (plan,) = roadmap(line).plans
    assert (plan.id, plan.phase, plan.title, plan.is_ticked) == ("02-01", "02", "Prices", True)
    assert line[slice(*plan.box)] in "xX"


@pytest.mark.parametrize("line", ["- [ ] TBD", "- [x] 2026-01-05 released", "- [ ] 10 users", "- 02-01: no box"])
def test_other_boxes_are_no_plans(line: str) -> None:
    assert roadmap(line).plans == ()


@pytest.mark.parametrize(
    ("line", "done", "total", "status"),
    [
        ("| 2. Prices | 3/5 | In progress | - |", 3, 5, "in progress"),
        ("| Phase 2: Prices | v1.0 | 5/5 | ✅ Complete | 2026-01-01 |", 5, 5, "complete"),
        ("| 2. Prices | v1.0 | 0/? | Not started | - |", 0, -1, "not started"),
        ("| 02 | 3 / 5 plans | Deferred | |", 3, 5, "deferred"),
    ],
)
def test_a_row_of_the_table(line: str, done: int, total: int, status: str) -> None:
    (row,) = roadmap(line).rows
    assert (row.phase, row.done, row.total, row.status) == ("02", done, total, status)
    assert line[slice(*row.cell)].replace(" ", "").startswith(f"{done}/")


@pytest.mark.parametrize("line", ["| Phase | Plans | Status |", "|---|---|", "| AUTH-01 | Phase 1 | Complete |"])
def test_other_rows(line: str) -> None:
    assert roadmap(line).rows == ()


def test_the_fields_of_a_phase() -> None:
    text = (
        "### Phase 2: Prices ✓\n**Goal**: Prices are right\n**Depends on:** Phase 1 (v1.0)\n"
        "**Requirements**: [PAY-01, PAY-02]\n**Status:** Complete\n\n## Progress\n**Goal**: no goal\n"
    )
    (phase,) = roadmap(text).phases
    assert (phase.goal, phase.depends, phase.requirements) == (
        "Prices are right",
        "Phase 1 (v1.0)",
        ("PAY-01", "PAY-02"),
    )
    assert (phase.claims, phase.line, phase.end) == (True, 1, 6)


def test_a_closed_details_is_a_shipped_milestone() -> None:
    text = (
        "- ✅ **v1.0 Till** — Phases 1-2 (shipped)\n<details>\n\n### Phase 1: Old\n- [x] 01-01-PLAN.md — a\n</details>\n"
        "<details open>\n\n### Phase 1: New\n- [ ] 01-01-PLAN.md — b\n</details>\n"
    )
    found = roadmap(text)
    assert [(phase.title, phase.shipped) for phase in found.phases] == [("New", False)]
    assert [(plan.title, plan.shipped) for plan in found.plans] == [("b", False)]
    assert found.shipped == ((1, 2),)


# PLAN


def plan_facts(text: str) -> PlanFileFacts:
    facts = FORMAT.parse("", "plan", text)
    assert isinstance(facts, PlanFileFacts)
    return facts


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("[]", ()),
        ('["01-01"]', ("01-01",)),
        ("[01-01, '01-02']", ("01-01", "01-02")),
        ("\n  - 01-01-PLAN.md\n  - 01-02 # because", ("01-01-PLAN.md", "01-02")),
        ("", ()),
    ],
)
def test_dependencies_are_read(written: str, wanted: tuple[str, ...]) -> None:
    facts = plan_facts(f"---\nphase: 02-a\nwave: 3\ndepends_on: {written}\n---\n")
    assert (facts.depends_on, facts.has_depends, facts.depends_line, facts.wave) == (wanted, True, 4, 3)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("01-01", "01-01"),
        ("1-1", "01-01"),
        ("01-01-PLAN.md", "01-01"),
        ("phases/01-a/01-01-SUMMARY.md", "01-01"),
        ("02.1-03", "02.1-03"),
        ("01", "07-01"),
        ("plan 2", "07-02"),
        ("something", "something"),
    ],
)
def test_a_short_dependency_is_of_the_same_phase(written: str, wanted: str) -> None:
    assert plan_id_of_reference(written, "07") == wanted


def test_a_broken_front_matter_leaves_the_plan() -> None:
    assert plan_facts("---\nwave: 2\n") == PlanFileFacts()
    found = tree(ROADMAP, {"01-01": "---\nwave: ["})
    assert states(found.state("planning"))["01-01"] == "open"


# States


def test_a_plan_is_done_when_its_summary_exists() -> None:
    state = tree(ROADMAP, {"01-01": "", "01-02": "", "02-01": ""}, done=["01-01"]).state("planning")
    assert states(state) == {"01-01": "done", "01-02": "open", "02-01": "blocked", "03-01": "open"}
    item = state.achievements[0]
    assert (item.path, item.line, item.kind, item.group) == (phase_file("01-01", "PLAN"), 1, "plan", "01")
    assert [found.path for found in item.evidence] == [phase_file("01-01", "SUMMARY"), ".planning/ROADMAP.md"]


def test_a_plan_without_a_file_is_listed_and_does_not_count() -> None:
    state = tree(ROADMAP, {"01-01": ""}, done=["01-01"]).state("planning")
    listed = {item.id: (item.listed, item.path, item.line) for item in state.achievements}
    assert [one.says for one in by_id(state)["03-01"].evidence] == ["[ ] planned, no file"]
    assert listed["03-01"] == (True, ".planning/ROADMAP.md", ROADMAP[: ROADMAP.index("03-01")].count("\n") + 1)
    assert state.counts == {"done": 1}
    assert {group.id: (group.state, group.done, group.total) for group in state.groups}["01"] == ("in_progress", 1, 1)


def test_a_summary_without_a_plan_is_a_done_plan() -> None:
    workspace = tree(ROADMAP, {}, done=["01-01", "01-02"])
    state = workspace.state("planning")
    assert states(state)["01-01"] == "done"
    assert state.progress is not None
    assert (state.progress.done, state.progress.total, state.progress.tool) == (2, 2, (2, 0)) or state.progress.tool
    assert state.achievements[0].path == phase_file("01-01", "SUMMARY")


def test_one_summary_covers_the_phase() -> None:
    files = {f"{PHASES}/01-till/01-SUMMARY.md": ""}
    state = tree(ROADMAP, {"01-01": "", "01-02": ""}, files=files).state("planning")
    assert states(state)["01-01"] == states(state)["01-02"] == "done"


def test_the_plans_of_a_second_folder_are_deferred() -> None:
    files = {f"{PHASES}/01-zweite/01-01-PLAN.md": "", f"{PHASES}/01-zweite/01-01-SUMMARY.md": ""}
    state = tree(ROADMAP, {"01-01": "", "01-02": ""}, files=files).state("planning")
    assert [(item.id, item.state) for item in state.achievements if item.group == "01"] == [
        *(("01-01", "open"), ("01-02", "open"), ("01-01", "deferred")),
    ]
    refs = [item.ref for item in state.achievements]
    assert len(set(refs)) == len(refs)
    assert refs[0].startswith(":1-")
    assert state.progress is not None
    assert (state.progress.total, state.progress.deferred) == (2, 1)


def test_a_plan_with_its_number_in_the_front_matter() -> None:
    files = {f"{PHASES}/01-till/01-PLAN.md": "---\nplan: 01\n---\n", f"{PHASES}/02-prices/02-PLAN.md": ""}
    state = tree(ROADMAP, {}, files=files).state("planning")
    assert [item.id for item in state.achievements if not item.listed] == ["01-01"]


def test_dependencies_and_waves_block() -> None:
    plans = {
        "01-01": plan_text(wave=1),
        "01-02": plan_text(wave=1),
        "01-03": plan_text(wave=2),
        "01-04": plan_text(wave=1, depends="[03]"),
        "01-05": "",
    }
    state = tree(ROADMAP, plans, done=["01-01"]).state("planning")
    found = {item.id: (item.state, item.blocked_by) for item in state.achievements}
    assert found["01-03"] == ("blocked", ("01-02",))
    assert found["01-04"] == ("blocked", ("01-03", "01-02"))
    assert found["01-05"] == ("open", ())
    assert {item.id for item in state.achievements if item.parallel} == {"01-01", "01-02", "01-04"}


def test_a_phase_waits_for_the_phases_that_it_names() -> None:
    text = "### Phase 1: A\n### Phase 2: B\n**Depends on**: Nothing (first)\n### Phase 3: C\n**Depends on**: Phases 1-2\n### Phase 4: D\n**Depends on**: All previous phases\n### Phase 5: E\n"
    state = tree(text, {}).state("planning")
    assert [group.blocked_by for group in state.groups] == [(), (), ("01", "02"), ("01", "02", "03"), ("04",)]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Phase 1", ("01",)),
        ("Phase 1, Phase 2.1", ("01", "02.1")),
        ("Phases 1–2", ("01", "02")),
        ("Phase 2 (v1.1, after 1)", ("02",)),
        ("Phase 2 — needs 1 API", ("02",)),
        ("Phase 2; 1 is optional", ("02",)),
        ("Phase 9", ("09",)),
        ("Phases 1, 9", ("01", "09")),
        ("Phase 1 and 40 tables", ("01",)),
        ("Phases 1-3", ("01", "02", "02.1")),
        ("Phase 3", ("03",)),
        ("None", ()),
        ("v1.2", ()),
    ],
)
def test_what_a_phase_depends_on(written: str, wanted: tuple[str, ...]) -> None:
    text = f"### Phase 1: A\n### Phase 2: B\n### Phase 2.1: C\n### Phase 3: D\n**Depends on**: {written}\n"
    assert tree(text, {}).state("planning").groups[3].blocked_by == wanted


def test_a_claimed_phase_blocks_nothing() -> None:
    text = ROADMAP.replace("- [ ] **Phase 1", "- [x] **Phase 1")
    state = tree(text, {"01-01": "", "02-01": ""}).state("planning")
    assert states(state)["02-01"] == "open"


def test_a_struck_phase_is_deferred() -> None:
    text = ROADMAP.replace("- [ ] **Phase 1: Till**", "- [ ] ~~Phase 1: Till~~")
    state = tree(text, {"01-01": "", "02-01": ""}).state("planning")
    assert states(state)["01-01"] == "deferred"
    assert state.next.ref == "02-01"


def test_a_circle_blocks_everything_and_ends() -> None:
    plans = {"01-01": plan_text(depends="[02]"), "01-02": plan_text(depends="[01]")}
    state = tree("### Phase 1: Till\n", plans).state("planning")
    assert states(state) == {"01-01": "blocked", "01-02": "blocked"}
    assert (state.next.step, state.state) == ("wait", "needs_attention")


# The next step


def following(state: PlanState) -> tuple[str, str | None, str | None]:
    return state.next.step, state.next.ref, state.next.group


def test_the_first_free_plan_is_next_and_its_wave_is_ready() -> None:
    plans = {"01-01": plan_text(wave=2), "01-02": plan_text(wave=1), "01-03": plan_text(wave=1)}
    state = tree(ROADMAP, plans).state("planning")
    assert following(state) == ("execute_plan", "01-02", None)
    assert [ready.achievement for ready in state.also_ready] == ["01-03"]


def test_a_ticked_phase_with_plans_comes_first() -> None:
    text = ROADMAP.replace("- [ ] **Phase 1", "- [x] **Phase 1")
    state = tree(text, {"01-01": "", "02-01": ""}).state("planning")
    assert following(state) == ("execute_plan", "01-01", None)
    assert "ROADMAP says that phase 01 is complete" in state.next.reason


@pytest.mark.parametrize(
    ("goal", "context", "step"),
    [
        ("**Goal**: Prices", False, "plan_phase"),
        ("", False, "discuss_phase"),
        ("**Goal**: [To be planned]", False, "discuss_phase"),
        ("", True, "plan_phase"),
        ("- [ ] 01-01-PLAN.md — Open the till", False, "plan_phase"),
    ],
)
def test_a_phase_without_plans_is_planned(goal: str, context: bool, step: str) -> None:
    files = {f"{PHASES}/01-till/01-CONTEXT.md": ""} if context else {}
    state = tree(f"### Phase 1: Till\n{goal}\n", {}, files=files).state("planning")
    assert following(state) == (step, None, "01")
    assert state.state == "planned"


def test_a_plan_that_is_only_listed_is_written_first() -> None:
    state = tree(ROADMAP, {"01-01": ""}, done=["01-01"]).state("planning")
    assert following(state) == ("plan_phase", None, "01")
    assert "01-02" in state.next.reason


@pytest.mark.parametrize(
    ("name", "status", "step"),
    [
        ("VERIFICATION", "gaps_found", "close_gaps"),
        ("VERIFICATION", "human_needed", "verify_work"),
        ("UAT", "partial", "verify_work"),
        ("UAT", "diagnosed", "close_gaps"),
    ],
)
def test_a_finished_phase_is_checked(name: str, status: str, step: str) -> None:
    path = f"{PHASES}/01-till/01-{name}.md"
    done, files = ["01-01", "01-02"], {path: f"---\nstatus: {status}\n---\n"}
    state = tree(ROADMAP, {"01-01": "", "01-02": ""}, done=done, files=files).state("planning")
    assert following(state) == (step, None, "01")
    assert state.next.file == path
    ticked = tree(ROADMAP.replace("- [ ] **Phase 1", "- [x] **Phase 1"), {}, done=done, files=files).state("planning")
    assert following(ticked) == ("plan_phase", None, "02")


def test_the_milestone_is_completed_at_the_end() -> None:
    files = {f"{PHASES}/01-till/01-VERIFICATION.md": "---\nstatus: passed\n---\n"}
    text = "### Phase 1: Till\n"
    state = tree(text, {"01-01": ""}, done=["01-01"], files=files).state("planning")
    assert (following(state), state.state) == (("complete_milestone", None, None), "complete")
    unverified = tree(text, {"01-01": ""}, done=["01-01"]).state("planning")
    assert following(unverified) == ("verify_work", None, "01")
    assert unverified.groups[0].verification == ""


@pytest.mark.parametrize(
    ("roadmap", "check", "reason"),
    [
        (
            "- [x] **Phase 1: Till**\n- [x] **Phase 2: Prices**\n",
            "passed",
            "phase 02 is complete, but no file shows it",
        ),
        (
            "- [x] **Phase 1: Till**\n- [x] **Phase 2: A**\n- [x] **Phase 3: B**\n",
            *("passed", "phases 02 and 03 are complete, but no file shows it"),
        ),
        ("- [x] **Phase 1: Till**\n", "gaps_found", "phase 01 is complete, but gaps were found"),
        (
            "- [x] **Phase 1: Till**\n",
            "passed\nx: y\n---\n\n**Status:** gaps_found",
            "its VERIFICATION contradicts itself",
        ),
        ("- [x] **Phase 1: Till**\n", "human_needed", "phase 01 is complete, but a person has to test it"),
        ("- [x] **Phase 1: Till**\n- [x] 02-01-PLAN.md\n### Phase 2: A ✓\n", "passed", "phase 02 is complete, but"),
    ],
)
def test_a_milestone_that_only_roadmap_calls_complete_needs_a_person(roadmap: str, check: str, reason: str) -> None:
    files = {f"{PHASES}/01-till/01-VERIFICATION.md": f"---\nstatus: {check}\n---\n"}
    workspace = tree(roadmap, {"01-01": ""}, done=["01-01"], files=files)
    state = workspace.state("planning")
    assert (following(state), state.state) == (("complete_milestone", None, None), "needs_attention")
    assert reason in state.next.reason
    rules = FORMAT.prompt(workspace.input("planning"), state, state.next).rules
    assert any(reason in rule and rule.endswith("ask the user.") for rule in rules)


def test_a_ticked_phase_that_is_shipped_or_deferred_is_no_doubt() -> None:
    files = {f"{PHASES}/01-till/01-VERIFICATION.md": "---\nstatus: passed\n---\n"}
    text = "- [x] **Phase 1: Till**\n- [ ] ~~**Phase 2: Prices**~~\n<details>\n\n- [x] **Phase 0: Old**\n</details>\n"
    state = tree(text, {"01-01": ""}, done=["01-01"], files=files).state("planning")
    assert (following(state), state.state) == (("complete_milestone", None, None), "complete")


def test_shipped_phases_are_archived() -> None:
    text = "<details>\n\n### Phase 1: Till\n- [x] 01-01-PLAN.md\n</details>\n"
    assert tree(text, {}).state("planning").lifecycle == "archived"
    state = tree(text, {"01-01": ""}).state("planning")
    assert (state.lifecycle, following(state)) == ("archived", ("closed", None, None))
    assert tree(text + "### Phase 2: Prices\n", {}).state("planning").lifecycle == "active"


def test_an_empty_roadmap_shows_the_folders() -> None:
    state = tree("", {"01-01": ""}).state("planning")
    assert (states(state), state.lifecycle) == ({"01-01": "open"}, "active")
    assert tree("", {}).state("planning").state == "no_achievements"


def test_the_milestone_of_state_is_the_title() -> None:
    files = {".planning/STATE.md": "---\nmilestone: v1.2\nmilestone_name: Till\n---\n"}
    assert tree(ROADMAP, {}, files=files).state("planning").title == "v1.2 Till"


def test_the_tool_counts_files() -> None:
    files = {f"{PHASES}/01-till/UAT-FIX-PLAN.md": "", f"{PHASES}/01-till/PHASE-SUMMARY.md": ""}
    progress = tree(ROADMAP, {"01-01": "", "01-02": ""}, done=["01-01"], files=files).state("planning").progress
    assert progress is not None
    assert (progress.done, progress.total) == (1, 2)
    assert progress.tool is not None
    assert (progress.tool.done, progress.tool.total) == (2, 3)


def test_the_tool_does_not_count_an_archived_milestone() -> None:
    folder = ".planning/milestones/v1.0-phases/01-till"
    files = {f"{folder}/01-01-PLAN.md": "", f"{folder}/01-01-SUMMARY.md": "", f"{folder}/FIX-PLAN.md": ""}
    state = tree(ROADMAP, {}, files=files).state("v1.0")
    assert (states(state), state.lifecycle, state.next.step) == ({"01-01": "done"}, "archived", "closed")
    assert state.progress is not None
    assert state.progress.tool is None


# Ticking


def test_a_plan_with_a_summary_is_ticked_in_roadmap() -> None:
    workspace = tree(ROADMAP, {"01-01": "", "01-02": ""}, done=["01-01"])
    given_plan, state = workspace.input("planning"), workspace.state("planning")
    items = {item.id: item for item in state.achievements}
    (edit,) = FORMAT.tick(given_plan, state, items["01-01"], False).edits
    line = ROADMAP.splitlines()[edit.line - 1]
    assert (edit.path, line[edit.start : edit.end], edit.text) == (".planning/ROADMAP.md", " ", "x")
    assert "01-01" in line
    assert FORMAT.tick(given_plan, state, items["01-01"], True).edits == ()
    for name in ("01-02", "03-01"):
        refused = FORMAT.tick(given_plan, state, items[name], False)
        assert refused.waits
        assert f"{name}-SUMMARY.md" in refused.refused
    assert FORMAT.tick(given_plan, state, items["01-02"], True) == FORMAT.tick(given_plan, state, items["01-01"], True)


def test_a_plan_without_a_line_or_over_a_conflict_is_not_ticked() -> None:
    workspace = tree("### Phase 1: Till\n", {"01-01": ""}, done=["01-01"])
    state = workspace.state("planning")
    unlisted = FORMAT.tick(workspace.input("planning"), state, state.achievements[0], False)
    assert unlisted.refused
    assert not unlisted.waits
    workspace = tree("<<<<<<< a\n" + ROADMAP, {"01-01": ""}, done=["01-01"])
    state = workspace.state("planning")
    assert FORMAT.tick(workspace.input("planning"), state, state.achievements[0], False).waits
    assert state.state == "needs_attention"


# Explaining and prompting


def test_the_first_row_that_is_true_decides() -> None:
    files = {f"{PHASES}/03-old/03-01-PLAN.md": "", f"{PHASES}/03-zweite/03-01-PLAN.md": ""}
    plans = {"01-01": plan_text(wave=1), "01-02": plan_text(wave=2), "02-01": ""}
    workspace = tree(ROADMAP, plans, files=files)
    state, plan = workspace.state("planning"), workspace.input("planning")
    for item in state.achievements:
        rows = FORMAT.explain(plan, state, item)
        (chosen,) = [row for row in rows if row.matched]
        assert chosen.state == item.state
        assert chosen.evidence or item.state == "open"


STEPS: tuple[Step, ...] = (
    *("execute_plan", "plan_phase", "discuss_phase", "close_gaps", "verify_work", "complete_milestone"),
    *("wait", "closed"),
)


def asked(workspace: FormatWorkspace, step: Step, ref: str | None, group: str | None = None) -> list[str]:
    duty, plan = STEP_ROLES[step], workspace.input("planning")
    wanted = NextStep(step, None, duty.role, duty.tier, None, "asked for", ref, group)
    found = FORMAT.prompt(plan, workspace.state("planning"), wanted)
    assert found.goal
    assert found.kept_count <= len(found.passages)
    assert set(found.updates) <= set(plan.documents)
    assert not set(found.creates) & set(plan.documents)
    return [found.goal, *found.rules, *found.keeps, *found.proves, *found.stops, *found.ends]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_prompt(step: Step) -> None:
    workspace = tree(ROADMAP, {"01-01": "text", "02-01": ""}, done=["01-01"])
    for ref, group in ((None, None), ("01-01", None), ("02-01", None), ("03-01", None), (None, "01"), (None, "03")):
        assert "{" not in " ".join(asked(workspace, step, ref, group))


def test_the_order_of_closing_a_plan() -> None:
    plans = {"01-01": plan_text(wave=1, more="autonomous: false\n"), "01-02": plan_text(wave=1)}
    rules = asked(tree(ROADMAP, plans), "execute_plan", "01-01")
    order = [
        next(at for at, rule in enumerate(rules) if words in rule)
        for words in ("Commit each task", "After the commits", "Only then update", "Never tick ROADMAP")
    ]
    assert order == sorted(order)
    assert any("in parallel with 01-02" in rule for rule in rules)
    assert any("is not autonomous" in rule for rule in rules)
    assert not any("is not autonomous" in rule for rule in asked(tree(ROADMAP, plans), "execute_plan", "01-02"))


def test_what_to_read_for_a_plan() -> None:
    text = plan_text(depends="[01]", more="requirements: [PAY-01]\n") + "<objective>\nSell bread\n</objective>\n"
    files = {
        ".planning/REQUIREMENTS.md": "- [ ] **PAY-01**: Bread has a price\n- [ ] **PAY-02**: no\n",
        f"{PHASES}/01-till/01-CONTEXT.md": "We decided\n",
    }
    workspace = tree(ROADMAP, {"01-01": "x", "01-02": text}, done=["01-01"], files=files)
    plan, state = workspace.input("planning"), workspace.state("planning")
    duty = STEP_ROLES["execute_plan"]
    wanted = NextStep("execute_plan", "01-02", duty.role, duty.tier, None, "", "01-02")
    paths = [part.path for part in FORMAT.prompt(plan, state, wanted).passages]
    assert paths[:2] == [phase_file("01-02", "PLAN"), phase_file("01-01", "SUMMARY")]
    assert {".planning/ROADMAP.md", ".planning/REQUIREMENTS.md", f"{PHASES}/01-till/01-CONTEXT.md"} <= set(paths)
    found = FORMAT.details(plan, state, {item.id: item for item in state.achievements}["01-02"])
    assert [part.why for part in found] == ["the objective", "the requirement PAY-01", "phase 01"]


def test_names_lead_to_files() -> None:
    workspace = tree(ROADMAP, {"01-01": ""}, done=["01-01"])
    (link, *_) = FORMAT.links(workspace.input("planning"), ".planning/ROADMAP.md")
    assert (link.path, link.target_line) == (phase_file("01-01", "PLAN"), 1)


# Growth


def long_tree(number: int) -> FormatWorkspace:
    """Return a tree with a long chain of plans in one phase, and as many phases that wait for all before them."""
    ids = [f"01-{one:04d}" for one in range(1, number + 1)]
    lines = "".join(f"- [ ] {one}-PLAN.md — x\n" for one in ids)
    phases = "".join(f"### Phase {one}: P\n**Depends on**: Phase {one - 1}\n" for one in range(2, number // 2))
    chain = {one: plan_text(wave=at + 1, depends=f"[{ids[at - 1]}]") for at, one in enumerate(ids)}
    return tree(f"### Phase 1: A\n{lines}{phases}", chain | {ids[0]: plan_text(wave=1)}, done=ids[:1])


def test_the_work_grows_with_the_tree() -> None:
    state = long_tree(200).state("planning")
    assert (len(state.achievements), state.next.ref) == (200, "01-02")
    trees = [long_tree(number) for number in (100, 200, 400)]
    assert growth(*(counted(lambda one=one: one.diagnostics("planning")) for one in trees)) <= LIMIT


@pytest.mark.parametrize(
    "text",
    ["<details>\n", "- [x] Phase 1.1", "| 1. 1/2 ", "- ✅ Phase 1-", "- [x] 01-01-a", "**Goal**: ", "---\na:\n  - x\n"],
)
def test_the_work_grows_with_the_text(text: str) -> None:
    for role in ("roadmap", "plan", "verification", "state"):
        work = [counted(lambda n=n, role=role: FORMAT.parse("x", role, text * n)) for n in (200, 400, 800)]
        assert growth(*work) <= LIMIT


def test_dependencies_are_edges() -> None:
    plans = {
        "01-01": plan_text(depends="[02, 09]"),
        "01-02": plan_text(depends="[01]"),
        "02-01": plan_text(depends="[01-01]"),
    }
    edges = tree(ROADMAP, plans).state("planning").dependencies
    assert [(edge.achievement, edge.depends_on, edge.unknown, edge.cyclic) for edge in edges] == [
        ("01-01", "01-02", False, True),
        ("01-01", "01-09", True, False),
        ("01-02", "01-01", False, True),
        ("02-01", "01-01", False, False),
    ]
    assert (edges[0].reason.line, edges[0].reason.says) == (2, "depends_on: 02, 09")
