"""Ticking a task changes its box, the boxes that its format says, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import runner
from fixture import write_files
from planmark.queries.lookup import NoAnswerError
from unit.formats.ticked_tasks import KIRO, OPENSPEC, SPECKIT, ticked, view_of

NESTED = "- [ ] 1. Cart\n  - [x] 1.1 Add\n  - [ ] 1.2 Sum\n  - [ ]* 1.3 Test\n- [ ] 2. Till\n"


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
