"""Ticking a task changes its box, the boxes that its format says, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_line import runner
from fixture import write_files
from planmark.queries.lookup import NoAnswerError
from planmark.queries.ticks import site_to_tick, tick
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index

OPENSPEC = "openspec/changes/add-cart/tasks.md"
KIRO = ".kiro/specs/cart/tasks.md"
SPECKIT = "specs/001-cart/tasks.md"
NESTED = "- [ ] 1. Cart\n  - [x] 1.1 Add\n  - [ ] 1.2 Sum\n  - [ ]* 1.3 Test\n- [ ] 2. Till\n"


def view_of(root: Path) -> View:
    """Return a view of a workspace as it is on the disk."""
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def ticked(root: Path, path: str, *refs: str, undo: bool = False) -> str:
    """Return the text of a document after a tick, which is not written."""
    view = view_of(root)
    plan = view.any_plan_of(path)
    assert plan
    return tick(view, site_to_tick(plan), refs, undo=undo).texts.get(path, ("", view.text(path)))[1]


@pytest.mark.parametrize(
    ("path", "text", "ref", "after"),
    [
        (OPENSPEC, "- [ ] 1.1 A\n- [ ] 1.2 B\n", "1.2", "- [ ] 1.1 A\n- [x] 1.2 B\n"),
        (OPENSPEC, "- [ ] 1. A\n  - [ ] 1.1 B\n", "1.1", "- [ ] 1. A\n  - [x] 1.1 B\n"),
        (OPENSPEC, "1. [ ] A\n2. [ ] B\n", ":2-{}", "1. [ ] A\n2. [x] B\n"),
        (OPENSPEC, "- [~] 1.1 A\n", "1.1", "- [x] 1.1 A\n"),
        (KIRO, NESTED, "1.2", NESTED.replace("[ ] 1.", "[x] 1.", 1).replace("[ ] 1.2", "[x] 1.2")),
        (KIRO, NESTED, "1.3", NESTED.replace("[ ]* 1.3", "[x]* 1.3")),
        (KIRO, "- [ ] 1. A\n  - [-] 1.1 B\n  - [ ] 1.2 C\n", "1.1", "- [ ] 1. A\n  - [x] 1.1 B\n  - [ ] 1.2 C\n"),
        (SPECKIT, "- [ ] T001 A\n- [ ] T002 [P] B\n", "T002", "- [ ] T001 A\n- [X] T002 [P] B\n"),
    ],
)
def test_the_box_gets_the_mark_of_the_format(tmp_path: Path, path: str, text: str, ref: str, after: str) -> None:
    write_files(tmp_path, {path: text})
    items = view_of(tmp_path).state(path).achievements
    name = ref if "{}" not in ref else next(item.ref for item in items if item.ref.startswith(ref[:2]))
    assert ticked(tmp_path, path, name) == after


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_other_byte_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str], end: str, mark: str) -> None:
    text = f"{mark}# Tasks{end}{end}\t- [ ] 1.1 Café ☕{end}-  [ ]  1.2 Sum  {end}- [ ] 1.3 Last"
    (tmp_path / OPENSPEC).parent.mkdir(parents=True)
    (tmp_path / OPENSPEC).write_bytes(text.encode("utf-8"))
    run = runner(capsys, "--workspace", str(tmp_path))
    assert run("tick", "@add-cart", "1.2").code == 0
    assert (tmp_path / OPENSPEC).read_bytes() == text.replace("[ ]  1.2", "[x]  1.2").encode("utf-8")
    assert run("tick", "@add-cart", "1.2", "--undo").code == 0
    assert (tmp_path / OPENSPEC).read_bytes() == text.encode("utf-8")


def test_what_is_ticked_stays_as_it_is(tmp_path: Path) -> None:
    write_files(tmp_path, {OPENSPEC: "- [X] 1.1 A\n- [ ] 1.2 B\n"})
    assert ticked(tmp_path, OPENSPEC, "1.1") == "- [X] 1.1 A\n- [ ] 1.2 B\n"
    assert ticked(tmp_path, OPENSPEC, "1.2", undo=True) == "- [X] 1.1 A\n- [ ] 1.2 B\n"


@pytest.mark.parametrize(
    ("path", "text", "refs", "says", "cause"),
    [
        (OPENSPEC, "- [ ] 1.1 A\n", ["1.9"], "no task 1.9", "usage"),
        (OPENSPEC, "- [ ] A\n- [ ] B\n", [":1"], "a line number alone", "usage"),
        (OPENSPEC, "- [ ] A\n- [ ] B\n", [":1-0000"], "has the ref :1-0000", "usage"),
        (OPENSPEC, "- [ ] 1.1 A\n- [ ] 1.1 B\n", ["1.1"], "is the id of 2 items", "usage"),
        (
            OPENSPEC,
            "- [ ] 1.1 A\n<<<<<<< HEAD\n- [ ] 1.2 B\n=======\n>>>>>>> x\n",
            ["1.1"],
            "merge conflict",
            "waiting",
        ),
        (KIRO, NESTED, ["1"], "open sub-task: 1.2 (line 3)", "waiting"),
        (KIRO, NESTED, ["1.2", "9"], "no task 9", "usage"),
        (KIRO, NESTED + "```\n- [ ] 3. In a fence\n```\n", ["3"], "no task 3", "usage"),
        (SPECKIT, "### T001: A\n\nText\n\n### T002: B\n", ["T001"], "has no box", "usage"),
    ],
)
def test_a_doubt_is_refused_and_nothing_changes(
    tmp_path: Path, path: str, text: str, refs: list[str], says: str, cause: str
) -> None:
    write_files(tmp_path, {path: text})
    with pytest.raises(NoAnswerError, match=says.replace("(", r"\(").replace(")", r"\)")) as error:
        ticked(tmp_path, path, *refs)
    assert error.value.cause == cause


def test_several_tasks_are_ticked_all_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {KIRO: NESTED})
    run = runner(capsys, "--workspace", str(tmp_path))
    assert run("tick", "@cart", "2", "1").code == 4
    assert (tmp_path / KIRO).read_text(encoding="utf-8") == NESTED
    assert run("tick", "@cart", "1.2", "1", "2").code == 0
    assert (tmp_path / KIRO).read_text(encoding="utf-8").count("[x]") == 4


def test_a_missing_file_is_noted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(tmp_path, {KIRO: "- [ ] 1. Create `src/cart.py`\n"})
    done = runner(capsys, "--workspace", str(tmp_path))("tick", "@cart", "1")
    assert (done.code, "`src/cart.py` does not exist" in done.err) == (0, True)


def test_a_digest_finds_its_line_after_edits(tmp_path: Path) -> None:
    write_files(tmp_path, {OPENSPEC: "- [ ] Sum it up\n- [ ] Show it\n"})
    ref = view_of(tmp_path).state(OPENSPEC).achievements[0].ref
    write_files(tmp_path, {OPENSPEC: "# Tasks\n\n- [ ] New\n- [ ] Sum it up\n- [ ] Show it\n"})
    assert ticked(tmp_path, OPENSPEC, ref) == "# Tasks\n\n- [ ] New\n- [x] Sum it up\n- [ ] Show it\n"
    write_files(tmp_path, {OPENSPEC: "- [ ] New\n- [ ] Sum it up\n\n- [ ] Sum it up\n"})
    digest = ref.rpartition("-")[2]
    with pytest.raises(NoAnswerError, match="may mean"):
        ticked(tmp_path, OPENSPEC, f":3-{digest}")


LINE = st.builds(
    "{}- [{}] {}{}".format,
    st.sampled_from(["", "", "  ", "    "]),
    st.sampled_from([" ", " ", "x", "X", "~", "-"]),
    st.sampled_from(["", "1. ", "1.1 ", "2. ", "2.1 ", "T001 ", "T002 [P] ", "* "]),
    st.sampled_from(["Sum", "Create `src/a.py`", "日本語", "(optional)"]),
)
OTHER = st.sampled_from(["## 1. Group", "## Phase 2: Till", "", "text", "```", "  - detail", "> - [ ] 9. quoted"])


STEP = st.builds(
    "{}- [{}] {}{}".format,
    st.sampled_from(["", "", "    "]),
    st.sampled_from([" ", " ", "x", "X", "~"]),
    st.sampled_from(["", "**Step 1:** ", "**Step 2:** ", "**Test 1.1**: ", "**Task 1.2**: "]),
    st.sampled_from(["Sum", "Create `src/a.py`", "日本語", "(optional)"]),
)
BESIDE = st.sampled_from(
    [
        *("### Task 1: A", "## Task 2：B", "### Phase 2: C", "#### Quality Gate", "### Step 1: D", "## Self-Review"),
        *("", "text", "```", "```markdown", "- Create: `src/a.py`", "  - File: `src/b.py`", "> - [ ] quoted"),
    ]
)
PLANS = {
    OPENSPEC: "",
    KIRO: "",
    SPECKIT: "",
    "docs/superpowers/plans/2026-01-02-cart.md": "# Cart Implementation Plan\n\n### Task 1: Cart\n",
    "docs/plans/PLAN_cart.md": "# Implementation Plan: Cart\n\n### Phase 1: Cart\n",
}
"""Document of a plan → its first lines."""


@settings(deadline=None)
@given(
    st.sampled_from(sorted(PLANS)).flatmap(
        lambda path: st.tuples(
            st.just(path),
            st.lists(
                st.one_of(STEP, STEP, BESIDE) if PLANS[path] else st.one_of(LINE, LINE, OTHER), min_size=1, max_size=9
            ),
        )
    ),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_a_tick_changes_boxes_only_and_its_undo_brings_them_back(
    tmp_path_factory: pytest.TempPathFactory, document: tuple[str, list[str]], end: str, data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("tick")
    path, lines = document
    text = (PLANS[path] + "".join(f"{line}\n" for line in lines)).replace("\n", end)
    write_files(root, {path: text})
    view = view_of(root)
    plan = view.any_plan_of(path)
    items = view.state(plan.path).achievements if plan else ()
    if not plan or not items:
        return
    item = data.draw(st.sampled_from(items))
    site = site_to_tick(plan)
    try:
        done = tick(view, site, [item.ref])
    except NoAnswerError:
        return
    before, after = done.texts.get(path, (text, text))
    changed = [
        number
        for number, pair in enumerate(zip(before.split("\n"), after.split("\n"), strict=True), 1)
        if pair[0] != pair[1]
    ]
    above, parent = [], item.parent
    while parent is not None:
        owner = next(one for one in items if one.ref == parent)
        above.append(owner.line)
        parent = owner.parent
    allowed = {item.line, *(above if path == KIRO else ())}
    assert set(changed) <= allowed and len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == len(changed)
    assert done.items[0].state in ("done", "unsupported", "deferred", "in_progress")
    write_files(root, {path: after})
    # In Kiro a parent that was ticked too early is opened with its sub-task.
    if item.marker == " " and changed == [item.line] and (path != KIRO or not above):
        assert ticked(root, path, done.items[0].ref, undo=True) == before
