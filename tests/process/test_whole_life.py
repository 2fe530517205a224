"""The whole life of a plan in the CLI: each `next` names the step that a sensible colleague would name then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from command_line import Result, Run, runner
from fixture import write_files

FOLDER = "work-space/plans/BASKET"
PLACEHOLDERS = ("[FEATURE]", "<FEATURE>", "[FILL", "[TO BE FILLED", "{{", "{%", "None")
FILLING = ("fill_plan", "fill_subplan", "fill_execution")
"""The steps whose prompts quote the remaining placeholders of the document."""
TITLES = {"1.1": "Count the basket", "1.2": "Refuse an empty basket", "2.1": "Remember the basket"}


def plan_text(text: str) -> str:
    """Return the new PLAN of `planmark new`, filled in: three achievements, each with its deliverable."""
    index = "".join(f"- Achievement {known}: {title}\n" for known, title in TITLES.items())
    bodies = "".join(
        f"**Achievement {known}**: {title}\n\n- Success: the test of it passes\n- Effort: 1 hour\n"
        f"- **Deliverables**:\n  - `src/basket_{known.replace('.', '')}.py`\n\n"
        for known, title in TITLES.items()
    )
    head = text[: text.index("## 📋 Achievement Index")]
    head = re.sub(r"\[TO BE FILLED[^\]]*\]", "A shopper knows what is in the basket.", head)
    handoff = "## 📝 Current Status & Handoff\n\n**Next**: Achievement 1.1\n"
    return f"{head}## 📋 Achievement Index\n\n{index}\n## 🎯 Priority 1\n\n{bodies}{handoff}"


class Life:
    """A workspace, the commands that change it, and the expected next step."""

    def __init__(self, root: Path, run: Run) -> None:
        self.root = root
        self.run = run

    def do(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its standard output."""
        done = self.run(*arguments)
        assert done.code == 0, f"{' '.join(arguments)}: {done.err}"
        return done.out.strip()

    def fill(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace the placeholders of a template by text of a user."""
        text = (self.root / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert re.search(old, text), f"{path} has no {old}"
            text = re.sub(old, new, text)
        (self.root / path).write_text(text, encoding="utf-8")

    def says(self, step: str, achievement: str | None, code: int = 0, feature: str = "@BASKET") -> Result:
        """Assert the next step, and that an agent can follow the prompt as it is."""
        told = self.run("next", *([feature] if feature else []), "--json")
        assert (told.data["step"], told.data["achievement"], told.code) == (step, achievement, code), told.out
        prompt = told.data["prompt"]
        left = [mark for mark in PLACEHOLDERS if mark in prompt]
        assert step in FILLING or not left, f"the prompt of {step} has {left}:\n{prompt}"
        assert self.run("next", *([feature] if feature else [])).out == prompt, "what is kept is what is said"
        self.is_sound()
        return told

    def is_sound(self) -> None:
        """Assert that ordinary work is not an error."""
        checked = self.run("check", "--fail-on", "error")
        assert checked.code == 0, checked.out

    def states(self) -> dict[str, str]:
        (workspace,) = self.run("status", "@BASKET", "--json").data["workspaces"]
        return {known["id"]: known["state"] for known in workspace["plans"][0]["achievements"]}

    def design(self, known: str) -> None:
        """Go from no file to a SUBPLAN that the user has filled in."""
        self.says("create_subplan", known)
        subplan = self.do("create", "subplan", "@BASKET", known)
        self.says("fill_subplan", known)
        self.fill(
            subplan, (r"\[TO BE FILLED: what is[^\]]*\]", "It counts."), (r"\[TO BE FILLED[^\]]*\]", "1. Write it.")
        )
        self.says("create_execution", known)

    def execute(self, known: str) -> None:
        """Go from the SUBPLAN to work that waits for its review."""
        task = self.do("create", "execution", "@BASKET", known)
        told = self.says("continue_execution", known)
        assert task in told.data["prompt"]
        write_files(self.root, {f"src/basket_{known.replace('.', '')}.py": "BASKET = ()\n"})
        self.fill(
            task,
            (r"\*\*Status\*\*: .*", "**Status**: ✅ Complete"),
            (r"\*\*Result\*\*: begun", "**Result**: it works"),
            (r"- \[ \]", "- [x]"),
            (r"## 📚 Learning Summary\n", "## 📚 Learning Summary\n\nA tuple will do.\n"),
        )
        told = self.says("request_review", known)
        assert f"src/basket_{known.replace('.', '')}.py" in told.data["prompt"]

    def review(self, known: str, rounds: Sequence[str]) -> None:
        """Go through rounds of review on one day, each with an issue."""
        for issue in rounds:
            fix = self.do("verdict", "fix", "@BASKET", known, "--reviewer", "Ada", "--issue", issue)
            told = self.says("address_fix", known)
            assert issue in told.data["prompt"]
            assert all(other not in told.data["prompt"] for other in rounds if other != issue), "an older round is over"
            assert self.do("verdict", "resolve", fix, "--note", f"Mended: {issue}").endswith("_RESOLUTION.md")
            told = self.says("re_review", known)
            assert issue in told.data["prompt"]

    def approve(self, known: str) -> None:
        self.do("verdict", "approve", "@BASKET", known, "--reviewer", "Ada", "--note", "I ran the tests.")
        assert self.states()[known] == "approved"


@pytest.fixture
def life(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Life:
    return Life(tmp_path, runner(capsys, "--workspace", str(tmp_path)))


def test_the_whole_life_of_a_plan(life: Life) -> None:
    life.do("init")
    path = life.do("new", "BASKET")
    life.says("fill_plan", None)
    (life.root / path).write_text(plan_text((life.root / path).read_text(encoding="utf-8")), encoding="utf-8")

    life.design("1.1")
    life.execute("1.1")
    life.review("1.1", ("A basket of none is counted as one", "A basket of two is counted as three"))
    feedbacks = life.root / FOLDER / "execution/feedbacks"
    assert {"FIX_11.md", "FIX_11_R2.md"} <= {file.name for file in feedbacks.iterdir()}
    life.approve("1.1")

    life.design("1.2")
    life.execute("1.2")
    life.approve("1.2")
    life.says("create_subplan", "2.1")

    # An approved achievement may turn out to be wrong.
    life.review("1.2", ("An empty basket is refused twice",))
    assert life.states() == {"1.1": "approved", "1.2": "fix_resolved", "2.1": "no_subplan"}
    life.approve("1.2")

    life.do("drop", "@BASKET", "2.1", "--note", "Nobody comes back.")
    assert life.states() == {"1.1": "approved", "1.2": "approved", "2.1": "dropped"}
    told = life.says("complete_plan", None, code=3)
    assert "planmark close @BASKET" in told.data["prompt"]

    life.do("close", "@BASKET")
    life.says("closed", None, code=3)
    assert "closed" in life.run("status", "@BASKET").out
    life.do("archive", "@BASKET")
    assert not (life.root / FOLDER).exists()
    life.says("closed", None, code=3)
    over = life.run("next")
    assert over.code == 3, "there is nothing left to do"
    life.is_sound()


def test_of_two_plans_the_colleague_names_the_one_with_the_higher_priority(life: Life) -> None:
    life.do("init")
    for name, priority in (("ALPHA", "LOW"), ("OMEGA", "HIGH")):
        path = life.do("new", name)
        filled = plan_text((life.root / path).read_text(encoding="utf-8"))
        filled = filled.replace("**Created**", f"**Priority**: {priority}\n**Created**")
        (life.root / path).write_text(filled, encoding="utf-8")
    told = life.says("create_subplan", "1.1", feature="")
    assert told.data["feature"] == "OMEGA"
