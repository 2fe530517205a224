"""The part of a prompt that is new: after an edit, for the next step, and for ids that name no prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.prompts.delta import KNOWN_HEADING, Delta
from planmark.prompts.prompt import ESTIMATING_COUNTER, Prompt
from planmark.queries.delivered import DeliveredPrompts
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.storage.result_cache import MIN_RENEWAL_SECONDS, PROMPT_RETENTION_SECONDS, ResultCache
from planmark.workspace.index import Index

PLAN = "plans/SHOP/PLAN_SHOP.md"
SUBPLAN = "plans/SHOP/subplans/SUBPLAN_SHOP_11.md"
LONG = "\n".join(f"- line {number} of a long passage about carts and sums" for number in range(30))
FILES = {
    PLAN: f"# PLAN: Shop\n\n**Status**: In Progress\n\n## Goal\n\nSell goods.\n\n**Achievement 1.1**: Cart\n\n- Success: it sums\n- **Deliverables**: `src/cart.py`\n\n**Achievement 1.2**: Till\n\n- Success: it opens\n\n## Current Status & Handoff\n\n**Next**: Achievement 1.1\n\n{LONG}\n",
    SUBPLAN: f"# SUBPLAN: Cart\n\n**Achievement**: 1.1\n\n## Objective\n\nA cart that sums.\n\n## Approach\n\n{LONG}\n\n### Sums\n\n{LONG}\n\n## Success Criteria\n\n- it sums\n",
}
DAY = PROMPT_RETENTION_SECONDS + MIN_RENEWAL_SECONDS


def view_of(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path / "w", FILES)
    return tmp_path / "w"


def prompt_in(view: View, achievement: str = "1.1") -> Prompt:
    return prompt_of(view, view.plans[0], achievement)


class Session:
    """One recipient of prompts about a workspace."""

    def __init__(self, root: Path, recipient: str = "", cache: ResultCache | None = None) -> None:
        self.root, self.now = root, 1e9
        self.delivered = DeliveredPrompts(recipient, lambda: cache, lambda: self.now)

    def deliver(self, achievement: str = "1.1") -> str:
        view = view_of(self.root)
        return self.delivered.deliver(view, prompt_in(view, achievement))

    def since(self, name: str, achievement: str = "1.1") -> Delta:
        view = view_of(self.root)
        return self.delivered.difference_since(view, name, prompt_in(view, achievement), ESTIMATING_COUNTER)


def change(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), "utf-8")


def test_an_unchanged_prompt_is_its_task_outputs_and_end(root: Path) -> None:
    session = Session(root)
    found = session.since(session.deliver())
    assert not found.since.problem
    assert not found.since.changed
    assert not found.since.gone
    assert not found.prompt.read
    assert found.prompt.tokens.total < found.since.whole * 0.4
    for kept in ("Your task: ", f"## {KNOWN_HEADING}", "## Create", "## Done when", "you write no verdict"):
        assert kept in found.prompt.prompt
    # The task has named the path in full.
    assert "`SUBPLAN_SHOP_11.md` lines 5-77" in found.prompt.prompt
    assert "a long passage" not in found.prompt.prompt


def test_a_changed_section_is_to_be_read_again_and_no_other(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    change(root, SUBPLAN, "### Sums\n\n- line 0", "### Sums\n\n- line 0, with tax,")
    found = session.since(name)
    [changed] = found.since.changed
    assert (changed.path, changed.title) == (SUBPLAN, "Sums")
    [read] = found.prompt.read
    assert (read.start, read.end) == (changed.start, changed.end)
    assert read.tokens
    assert "Changed since then" in found.prompt.prompt


def test_one_changed_item_of_a_long_list_comes_alone(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    change(
        root,
        SUBPLAN,
        "- line 7 of a long passage about carts",
        "- line 7 of a short passage about carts\n- one more about carts",
    )
    found = session.since(name)
    [changed], [replaced] = found.since.changed, found.since.replaced
    assert (changed.end - changed.start, replaced.end - replaced.start) == (1, 0)
    assert changed.start == replaced.start
    assert f"lines {changed.start}-{changed.end}; before: line {replaced.start}" in found.prompt.prompt
    assert all(not unit.start <= changed.start <= unit.end for unit in found.since.unchanged if unit.path)


def test_an_item_that_is_deleted_is_named_with_its_lines_of_then(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    lines = (root / SUBPLAN).read_text("utf-8").split("\n")
    number = lines.index("- line 7 of a long passage about carts and sums")
    change(root, SUBPLAN, "- line 7 of a long passage about carts and sums\n", "")
    found = session.since(name)
    assert not found.since.changed
    [gone] = found.since.gone
    assert (gone.start, gone.end) == (number + 1, number + 1)
    assert f"not needed for this step: `SUBPLAN_SHOP_11.md` Approach (then line {number + 1})" in found.prompt.prompt


def test_an_item_in_whose_place_a_different_one_has_moved_is_gone(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    one, other = (f"- line {number} of a long passage about carts and sums\n" for number in (7, 20))
    text = (root / SUBPLAN).read_text("utf-8")
    before, _, after = text.partition("### Sums")
    before = before.replace(other, "").replace(one, other)
    (root / SUBPLAN).write_text(f"{before}### Sums{after}", "utf-8")
    found = session.since(name)
    assert not found.since.changed and not found.since.replaced
    [gone] = found.since.gone
    assert f"Approach (then line {gone.start})" in found.prompt.prompt


def test_the_same_words_in_another_section_are_new(root: Path) -> None:
    session = Session(root)
    change(root, SUBPLAN, f"### Sums\n\n{LONG}", "### Sums\n\nIt sums.")
    name = session.deliver()
    change(root, SUBPLAN, "### Sums\n\nIt sums.", f"### Sums\n\n{LONG}")
    found = session.since(name)
    assert [unit.title for unit in found.since.changed] == ["Sums"]
    assert sum(part.end - part.start + 1 for part in found.prompt.read) >= LONG.count("\n")


def test_a_file_that_changed_twice_is_compared_with_what_the_recipient_has(root: Path) -> None:
    session = Session(root)
    first = session.deliver()
    change(root, SUBPLAN, "A cart that sums.", "A cart that sums and taxes.")
    second = session.deliver()
    change(root, SUBPLAN, "A cart that sums and taxes.", "A cart that sums.")
    assert not session.since(first).since.changed
    assert [unit.title for unit in session.since(second).since.changed] == ["Objective"]
    assert "A cart that sums." in session.since(second).prompt.prompt
    change(root, SUBPLAN, "A cart that sums.", "A cart for two.")
    for name in (first, second):
        assert "A cart for two." in session.since(name).prompt.prompt


def test_a_section_that_moved_is_the_same(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    change(root, SUBPLAN, "## Objective", "## Notes\n\nNew.\n\n## Objective")
    found = session.since(name)
    assert [unit.title for unit in found.since.changed] == []
    objective = next(unit for unit in found.since.unchanged if unit.title == "Objective")
    lines = (root / SUBPLAN).read_text("utf-8").split("\n")
    assert lines[objective.start - 1] == "## Objective"


def test_a_section_that_is_gone_is_named(root: Path) -> None:
    session = Session(root)
    name = session.deliver()
    change(root, SUBPLAN, f"### Sums\n\n{LONG}\n", "")
    found = session.since(name)
    assert "Sums" in [unit.title for unit in found.since.gone]
    assert "Gone, or not needed for this step: `SUBPLAN_SHOP_11.md` Sums" in found.prompt.prompt


@pytest.mark.parametrize(
    "name", ["", "p_", "p_000000000000", "../../etc", "p_1; DROP TABLE prompts", "é\n## Done" * 30]
)
def test_an_id_that_names_no_prompt_gives_the_whole_prompt(root: Path, tmp_path: Path, name: str) -> None:
    with_cache = Session(root, cache=ResultCache(tmp_path / "cache.sqlite", writable=True))
    for session in (Session(root), with_cache):
        session.deliver()
        found = session.since(name)
        assert found.prompt == prompt_in(view_of(root))
        assert found.since.problem == "no prompt of the last day in this workspace has this id"
        assert len(found.since.id) <= 40
        assert "\n" not in found.since.id


def test_a_prompt_is_kept_for_a_day_and_a_new_delivery_renews_it(root: Path, tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    session = Session(root, cache=cache)
    name = session.deliver()
    session.now += PROMPT_RETENTION_SECONDS
    assert not session.since(name).since.problem
    assert cache.renew_prompt(name, "", session.now)
    session.now += PROMPT_RETENTION_SECONDS
    assert not session.since(name).since.problem
    session.now += DAY
    assert session.since(name).since.problem
    session.deliver("1.2")
    assert not cache.renew_prompt(name, "", session.now)


def test_the_prompt_of_another_workspace_is_unknown(root: Path, tmp_path: Path) -> None:
    write_files(tmp_path / "other", {path: text.replace("Shop", "Store") for path, text in FILES.items()})
    other = Session(tmp_path / "other", cache=ResultCache(tmp_path / "other.sqlite", writable=True))
    session = Session(root, cache=ResultCache(tmp_path / "own.sqlite", writable=True))
    assert session.since(other.deliver()).since.problem


def test_the_prompt_of_another_agent_gives_the_whole_prompt(root: Path, tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    name = Session(root, "ada", cache).deliver()
    bob = Session(root, "bob", cache)
    assert bob.since(name).since.problem == "it was given to ada, not to bob"
    assert not Session(root, "ada", cache).since(name).since.problem
    assert not Session(root, "", cache).since(name).since.problem
    assert bob.deliver() == name
    assert not bob.since(name).since.problem


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", "[[1]]", '[["a","b"]]', '[["k","p","t",1,"x"]]', "null", '["abcde"]', "[3]"]
)
def test_damaged_units_give_the_whole_prompt(root: Path, tmp_path: Path, kept: str) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    cache.keep_prompt("p_1", "", kept, 1e9)
    assert Session(root, cache=cache).since("p_1").since.problem


def test_a_prompt_with_nothing_in_common_is_whole(root: Path, tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache.sqlite", writable=True)
    cache.keep_prompt("p_1", "", '[["k","p","t",1,2]]', 1e9)
    found = Session(root, cache=cache).since("p_1")
    assert found.since.problem == "it has nothing in common with this prompt"
    assert found.prompt == prompt_in(view_of(root))


def test_titles_of_gone_sections_hold_no_credential_and_no_control_character(root: Path) -> None:
    session = Session(root)
    token = "ghp_" + "x7Kd93QmZpL0tRw8VbN2cY5hJ4sF6gA1eUoI"
    change(root, SUBPLAN, "### Sums", f"### Sums {token} \x1b[31m")
    name = session.deliver()
    change(root, SUBPLAN, f"### Sums {token} \x1b[31m\n\n{LONG}\n", "")
    found = session.since(name)
    assert found.since.gone
    assert token not in found.prompt.prompt + repr(found.since)
    assert "\x1b" not in found.prompt.prompt
