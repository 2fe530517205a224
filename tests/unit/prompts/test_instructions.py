"""The parts of prompts beside the task: goal, code, proof, stop rules and forms. They never contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from conftest import REPOSITORY
from fixture import write_files
from planmark.prompts.path_mentions import name_documents_once
from planmark.prompts.prompt import Prompt, ReadLines
from planmark.queries.lookup import NoAnswerError
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from prompt_reading import faults
from reviewed import HOME, PLAN, SUBPLAN, TASK, work

EXAMPLE = REPOSITORY / "examples" / "workspace"
FIX = f"{HOME}/execution/feedbacks/FIX_11.md"
RAN = "```bash\npytest tests/test_till.py -q\n```"


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def next_of(root: Path, files: dict[str, str], step: str | None = None) -> Prompt:
    write_files(root, files)
    view = view_of(root)
    return prompt_of(view, view.snapshot.plans[0], "1.1", step)


def every_prompt(root: Path) -> Iterator[Prompt]:
    view = view_of(root)
    for plan in view.plans:
        for item in view.state(plan.path).achievements:
            try:
                yield prompt_of(view, plan, item.ref or item.id)
            except NoAnswerError:
                continue


def without_quotes(prompt: str) -> str:
    """Return the own words of a prompt: without quoted lines, and without the forms of files."""
    own = re.sub(r"^```markdown\n.*?^```$", "", prompt, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(line for line in own.split("\n") if not line.startswith(">"))


@pytest.mark.parametrize(
    "example", ["workspace", "openspec", "speckit", "kiro", "superpowers", "featureplanner", "gsd"]
)
def test_no_prompt_contradicts_itself(example: str) -> None:
    root = REPOSITORY / "examples" / example
    prompts = list(every_prompt(root))
    assert prompts
    exists = view_of(root).exists
    assert [fault for prompt in prompts for fault in faults(prompt, exists, has_goal=False)] == []
    assert any("The goal of the plan:" in prompt.prompt for prompt in prompts)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"do_not_read": ("work-space/plans/SHOP/execution/EXECUTION_TASK_SHOP_11_01.md",)}, "not to be read"),
        ({"writes": (TASK,)}, "to be created, and there"),
        ({"read": (ReadLines("gone.md", 1, 2, "x", 1),)}, "does not exist"),
        ({"prompt": "# X\n\nOpen `src/gone.py`.\n\n## Done when\n"}, "neither there nor said"),
        ({"prompt": "# X\n\nRun `planmark tick @X REF`.\n\n## Done when\n"}, "a placeholder"),
        ({"prompt": "# X\n\n## Stop and ask\n\n## Prove it\n"}, "not in order"),
        ({"prompt": "# X\n"}, "no end"),
        (
            {"prompt": "# X\n\nTell it to all of them. Then go.\n- Tell it to all of them.\n\n## Done when\n"},
            "said 2 times",
        ),
        ({"read": (ReadLines(PLAN, 1, 9, "x", 1), ReadLines(PLAN, 2, 5, "y", 1))}, "to be read twice"),
        (
            {
                "read": (ReadLines(PLAN, 1, 2, "x", 1),),
                "prompt": "# X\n\n- `PLAN_SHOP.md` (not there)\n\n## Done when\n",
            },
            "not there, and",
        ),
        ({"prompt": "# X\n\nDo what `S.md` lines 3-9 says about tests.\n\n## Done when\n"}, "not at hand"),
        ({"prompt": "# X\n\nThe goal of the plan:\n\n> It has parts: 1.\n\n## Done when\n"}, "torn"),
    ],
)
def test_a_prompt_with_a_fault_is_found(tmp_path: Path, changed: dict[str, object], says: str) -> None:
    prompt = next_of(tmp_path, work(status="In Progress", completion="- [ ] A"))
    exists = view_of(tmp_path).exists
    assert list(faults(prompt, exists, has_goal=False)) == []
    spoiled = msgspec.structs.replace(prompt, **changed)
    assert any(says in fault for fault in faults(spoiled, exists, has_goal=False))


def test_the_code_says_what_is_there(tmp_path: Path) -> None:
    files = work(delivers="- `src/till.py`\n- `src/*.js`", tests=RAN, status="In Progress", completion="- [ ] A")
    prompt = next_of(tmp_path, {**files, "src/till.py": ""}).prompt
    assert "- `src/till.py` (exists)" in prompt
    assert "- `src/*.js` (a pattern: list its files)" in prompt
    assert "- `tests/test_till.py` (not there)" in prompt


@pytest.mark.parametrize(
    ("tests", "says"),
    [
        (RAN, "- `pytest tests/test_till.py -q`\n"),
        ("Press every key once.", f"Do what `{SUBPLAN.rpartition('/')[2]}` lines 19-21 says about tests"),
        ("", "No test is named. Run the narrowest test"),
        ("`API_TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789 npm test`", "[masked: "),
        ("`npm run a` and `make b`", "- `npm run a`\n- `make b`\n"),
    ],
)
def test_how_to_prove_it(tmp_path: Path, tests: str, says: str) -> None:
    prompt = next_of(tmp_path, work(tests=tests, status="In Progress", completion="- [ ] A")).prompt
    assert says in prompt.partition("## Prove it")[2], prompt
    assert "ghp_abcdef" not in prompt


def test_when_to_stop_names_the_lines(tmp_path: Path) -> None:
    prompt = next_of(tmp_path, work(status="In Progress", completion="- [ ] A")).prompt
    stop = prompt.partition("## Stop and ask")[2]
    assert f"into `{TASK.rpartition('/')[2]}`" in stop
    assert "- in line 5: `**Status**: ⛔ Blocked`" in stop


@pytest.mark.parametrize(("header", "last"), [("In Progress", ""), ("Ready", "Ready to Execute"), ("Planning", "")])
def test_what_the_stop_rule_writes_is_read_as_blocked(tmp_path: Path, header: str, last: str) -> None:
    files = work(status=header, completion="- [ ] A", last=last)
    stop = next_of(tmp_path, files).prompt.partition("## Stop and ask")[2]
    match = re.search(r"- in line (\d+): `(.+)`", stop)
    assert match, stop
    lines = files[TASK].split("\n")
    lines[int(match[1]) - 1] = match[2]
    text = "\n".join(lines).replace("it works.", "it works.\n\n**Blocker**: the key is missing")
    assert next_of(tmp_path, {**files, TASK: text}).step == "unblock"


def test_a_path_is_written_in_full_once(tmp_path: Path) -> None:
    boxes = "\n".join(f"- [ ] {number}" for number in range(20))
    log = "\n\n".join(f"### Iteration {number}\n\nTried." for number in range(40))
    prompt = next_of(tmp_path, work(status="In Progress", log=log, completion=boxes, last="In Progress"))
    own = without_quotes(prompt.prompt)
    may_be_edited = own.partition("## Documents you may edit")[2].partition("\n## ")[0]
    assert own.count(f"`{TASK}`") - may_be_edited.count(f"`{TASK}`") == 1, own
    assert own.count(f"`{TASK.rpartition('/')[2]}`") >= 3


def test_a_name_with_two_folders_keeps_its_path() -> None:
    text = "- `a/T.md`\n- `a/T.md`\n> see `old/T.md`\n- `b/U.md`\n- `b/U.md`\n"
    assert name_documents_once(text, {"a/T.md", "b/U.md"}) == text.replace(
        "- `b/U.md`\n- `b/U.md`", "- `b/U.md`\n- `U.md`"
    )


def test_an_iteration_from_a_template_is_not_shown(tmp_path: Path) -> None:
    log = "### Iteration 1: [Date]\n\n**Status**: [In Progress / Complete]\n\n- [List what was done]"
    long = "\n".join(f"Line {number} of what was learned about the till" for number in range(90))
    files = work(status="In Progress", log=log, completion="- [ ] A", learnings=long)
    prompt = next_of(tmp_path, files)
    assert "Its log is empty" in prompt.prompt
    assert "[Date]" not in prompt.prompt and "Where it stopped" not in prompt.prompt


def test_a_commit_is_asked_for_in_a_repository_and_can_be_turned_off(tmp_path: Path) -> None:
    files = work(status="In Progress", completion="- [ ] A")
    assert "## Commit" not in next_of(tmp_path, files).prompt
    (tmp_path / ".git").mkdir()
    assert "with `SHOP 1.1` in its subject" in next_of(tmp_path, files).prompt
    assert "## Commit" not in next_of(tmp_path, {**files, "planmark.toml": "[prompts]\ncommit = false\n"}).prompt


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("## Goal\n\nSell. And **refund**. Not more.\n", "> Sell. And refund.\n"),
        ("**Goal**: Sell at night\n", "> Sell at night\n"),
        ("## 🎯 Goal\n\n[TO BE FILLED: x]\n", None),
        ("", None),
    ],
)
def test_the_goal_of_the_plan_comes_first(tmp_path: Path, text: str, says: str | None) -> None:
    files = work(status="In Progress", completion="- [ ] A")
    prompt = next_of(tmp_path, {**files, PLAN: f"# PLAN\n\n{text}\n**Achievement 1.1**: A\n"}).prompt
    assert ("The goal of the plan:" in prompt) is (says is not None)
    assert says is None or says in prompt.partition("The goal of the plan:")[2]


def test_the_forms_are_those_of_the_commands(tmp_path: Path) -> None:
    fix = "# FIX REQUIRED: Achievement 1.1\n\n### Critical Issues\n\n1. **The EXECUTION_TASK says complete**\n"
    prompt = next_of(tmp_path, {**work(), FIX: fix})
    assert "## The form of the RESOLUTION" in prompt.prompt
    assert "1. **The EXECUTION_TASK says complete** (critical, `FIX_11.md` line 5)" in prompt.prompt
    assert f"## Documents you may edit\n\n- `{TASK}`" in prompt.prompt
    assert f"`{TASK.rpartition('/')[2]}` line 5: the Status, now `✅ Complete`" in prompt.prompt


@pytest.mark.parametrize(("step", "forms"), [("request_review", 2), ("create_subplan", 1), ("create_execution", 1)])
def test_every_file_to_write_has_its_form(tmp_path: Path, step: str, forms: int) -> None:
    files = work()
    wanted = {"request_review": files, "create_subplan": {PLAN: files[PLAN]}}.get(
        step, {PLAN: files[PLAN], SUBPLAN: files[SUBPLAN]}
    )
    prompt = next_of(tmp_path, wanted)
    assert (prompt.step, prompt.prompt.count("```markdown\n# "), len(prompt.writes)) == (step, forms, forms)
    assert "[TO BE FILLED" not in prompt.prompt


def test_a_wait_names_what_is_waited_for(tmp_path: Path) -> None:
    plan = "# PLAN\n\n**Achievement 1.1**: A\n\n- **Depends on**: 1.2\n\n**Achievement 1.2**: B\n"
    prompt = next_of(tmp_path, {PLAN: plan})
    assert (prompt.step, f"- 1.2 B (`{PLAN}`): `planmark next @SHOP 1.2`" in prompt.prompt) == ("wait", True)


def test_an_empty_log_is_said_to_be_empty(tmp_path: Path) -> None:
    files = work(status="In Progress", log="### Iteration 1\n\n**Result**: begun", completion="- [ ] A")
    prompt = next_of(tmp_path, files)
    assert prompt.step == "continue_execution"
    assert "Its log is empty" in prompt.prompt


def test_a_reviewer_is_told_not_to_trust_the_log(tmp_path: Path) -> None:
    prompt = next_of(tmp_path, work(tests=RAN)).prompt
    assert "Do not trust the log" in prompt
    assert "`pytest tests/test_till.py -q`" in prompt
    assert "  - critical: " in prompt and "  - minor: " in prompt
    assert "You edit nothing else" in prompt


@pytest.mark.parametrize(
    "path",
    [
        "openspec/changes/till/tasks.md",
        "specs/001-till/tasks.md",
        ".kiro/specs/till/tasks.md",
        "docs/superpowers/plans/2026-01-01-till.md",
        "docs/plans/PLAN_till.md",
    ],
)
def test_a_box_that_is_being_typed_is_read(tmp_path: Path, path: str) -> None:
    text = "# Tasks\n\n## Phase 1: A\n\n- [ ] 1.1 **Task 1.1**: T001 A, in `/etc/shadow` and `src/../../out.py`\n- [ ]\n- [x]\n"
    write_files(tmp_path, {path: text})
    exists = view_of(tmp_path).exists
    for prompt in every_prompt(tmp_path):
        assert list(faults(prompt, exists, has_goal=False)) == []
        assert "- `/etc/shadow`" not in prompt.prompt and "out.py` (" not in prompt.prompt
