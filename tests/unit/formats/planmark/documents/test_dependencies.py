"""The dependencies that a field declares: the grammar of values, and the places of fields."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planmark.formats.planmark.documents.dependencies import (
    NeededAchievement,
    id_occurrences_in,
    parse_dependency_value,
    resolve_ids,
)
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.ids import ID
from planmark.formats.planmark.documents.plan import Plan, parse_plan
from planmark.formats.planmark.documents.vocabulary import DEFAULT_VOCABULARY
from planmark.markdown.parsed_source import parse_sections

TITLES = {
    "1.1": "Refund",
    "1.2": "Charge once, then refund",
    "1.3": "Parallel runner",
    "2.1": "Search and replace",
    "1.10": "Optional fields",
}


def read(value: str) -> tuple[list[str], bool]:
    """Return the dependencies as written, and whether a part of the value is unread."""
    needed, unread = parse_dependency_value(value, "PAY", TITLES)
    return [
        f"{'@' if n.plan else ''}{n.plan} {n.first_id}{'-' if n.last_id else ''}{n.last_id}".strip() for n in needed
    ], bool(unread)


@pytest.mark.parametrize(
    ("value", "needed"),
    [
        ("1.1", ["1.1"]),
        ("1.1.", ["1.1"]),
        ("1.10", ["1.10"]),
        ("1.1, 1.2", ["1.1", "1.2"]),
        ("1.1 and 1.2", ["1.1", "1.2"]),
        ("1.1, and 1.2", ["1.1", "1.2"]),
        ("1.1; 1.2 & 2.1", ["1.1", "1.2", "2.1"]),
        ("1.1 + 1.2", ["1.1", "1.2"]),
        ("1.1/1.2", ["1.1", "1.2"]),
        ("1.1 1.2", ["1.1", "1.2"]),
        ("1.1 und 1.2", ["1.1", "1.2"]),
        ("„1.1“ und »1.2«", ["1.1", "1.2"]),
        ("1.1、1.2", ["1.1", "1.2"]),
        ("\uff11\uff0e\uff12", ["1.2"]),
        ("**1.1**, `1.2`, *2.1*, __1.3__", ["1.1", "1.2", "2.1", "1.3"]),
        ("✅ 1.1, ⏳ 1.2", ["1.1", "1.2"]),
        ("(1.1)", ["1.1"]),
        ("#1.1", ["1.1"]),
        ("Achievement 1.2", ["1.2"]),
        ("achievements 1.1, 1.2", ["1.1", "1.2"]),
        ("Achievement 1.2: Charge once", ["1.2"]),
        ("Achievement 1.2 - Charge once", ["1.2"]),
        ("1.2: Charge once, then refund", ["1.2"]),
        ("2.1: Search and replace, 1.1: Refund", ["2.1", "1.1"]),
        ("1.3: Parallel runner", ["1.3"]),
        ("1.3 - the parallel one", ["1.3"]),
        ("1.10 (Optional fields)", ["1.10"]),
        ("1.2 complete", ["1.2"]),
        ("1.2 ✅", ["1.2"]),
        ("1.2 must be approved first", ["1.2"]),
        ("1.2 must be done and approved", ["1.2"]),
        ("1.2 COMPLETE - script created, tested, verified", ["1.2"]),
        ("1.2 (not started)", ["1.2"]),
        ("1.2, not yet approved", ["1.2"]),
        ("1.2 (schema, migrations), 1.1", ["1.2", "1.1"]),
        ("1.2 (the schema from 1.1)", ["1.2"]),
        ("1.2 (hard, not optional)", ["1.2"]),
        ("SUBPLAN_12", ["12"]),
        ("SUBPLAN_PAY_12.md", ["12"]),
        ("SUBPLAN\\_PAY\\_12", ["12"]),
        ("`subplans/SUBPLAN_PAY_12.md`", ["12"]),
        ("[1.2](#achievement-12)", ["1.2"]),
        ("[Achievement 1.2: Charge once](PLAN_PAY.md#x), 1.1", ["1.2", "1.1"]),
        ("[the design](subplans/SUBPLAN_PAY_12.md)", ["12"]),
        ("1.1-1.3", ["1.1-1.3"]),
        ("1.1 \u2013 1.3", ["1.1-1.3"]),
        ("1.1..1.3", ["1.1-1.3"]),
        ("1.1 through 1.3", ["1.1-1.3"]),
        ("Achievement 1.1 to Achievement 1.3", ["1.1-1.3"]),
        ("1.1 bis 1.3", ["1.1-1.3"]),
        ("PLAN_PAY 1.1", ["1.1"]),
        ("@PAY 1.1", ["1.1"]),
        ("@TILL 1.1", ["@TILL 1.1"]),
        ("PLAN_TILL 1.1", ["@TILL 1.1"]),
        ("PLAN_TILL.md: Achievement 1.1", ["@TILL 1.1"]),
        ("`PLAN_TILL` 1.1", ["@TILL 1.1"]),
        ("@TILL-2 1.1-1.3", ["@TILL-2 1.1-1.3"]),
        ("@TILL's 1.1", ["@TILL 1.1"]),
        ("1.1 of PLAN_TILL", ["@TILL 1.1"]),
        ("Achievement 1.1 (PLAN_TILL)", ["@TILL 1.1"]),
        ("[1.1](../TILL/PLAN_TILL.md)", ["@TILL 1.1"]),
        ("SUBPLAN_TILL_12", ["@TILL 12"]),
        ("@TILL 1.1: Parallel till", ["@TILL 1.1"]),
        ("1.2, PLAN_TILL 1.1", ["1.2", "@TILL 1.1"]),
        ("9.9", ["9.9"]),
        ("1.1 <!-- was 1.2 -->", ["1.1"]),
        ("~~1.1~~ 1.2", ["1.2"]),
    ],
)
def test_a_part_that_begins_with_an_id_is_a_dependency(value: str, needed: list[str]) -> None:
    assert read(value) == (needed, False)


@pytest.mark.parametrize(
    "value",
    [
        *("", "None", "none (first)", "None, this is the first", "n/a", "N/A", "-", "\u2014", "nothing", "None."),
        *("No dependencies", "no other achievement", "can start immediately", "~~1.1~~", "keine", "[none]"),
    ],
)
def test_words_that_say_nothing_declare_nothing(value: str) -> None:
    assert read(value) == ([], False)


@pytest.mark.parametrize(
    ("value", "needed"),
    [
        ("Python 3.10", []),
        ("3.10 or newer", []),
        (">= 3.10", []),
        ("1.1 GB of memory", []),
        ("v1.2", []),
        ("after 1.2", []),
        ("all of Priority 1", []),
        ("TBD", []),
        ("?", []),
        ("[FILL: ids]", []),
        ("the API, 1.2", ["1.2"]),
        ("PLAN_TILL", []),
        ("1.1 or 1.2", ["1.1"]),
        ("None except 1.2", []),
        ("1.1 from the extraction plan", []),
        ("1.1, as PLAN_TILL says, and the API", ["1.1"]),
        ("1.1 must wait for PLAN_TILL", []),
        ("PLAN_TILL and 1.1", []),
        ("1.\u200b1", []),
        ("1.1 (optional)", []),
        ("1.1 is no longer needed", []),
        ("1.2, not 1.1", ["1.2"]),
        ("1.1 and 1.2 in parallel", ["1.1"]),
        ("@TILL 1.1 (optional)", []),
    ],
)
def test_everything_else_is_unread(value: str, needed: list[str]) -> None:
    assert read(value) == (needed, True)


def test_what_says_so_itself_is_no_dependency() -> None:
    (part,) = parse_dependency_value("1.1 (optional)", "PAY", TITLES).unread_parts
    assert (part.words, part.denying_word) == ("1.1 (optional)", "optional")


@given(st.text(alphabet="12.,;& ()[]*_`-–@PLANSUB\n~<>!|:#\u200b\uff11", max_size=60) | st.text(max_size=60))
def test_any_value_is_read_and_names_what_is_needed(value: str) -> None:
    needed, _ = parse_dependency_value(value, "PAY", TITLES)
    spelt = parse_dependency_value(value.replace("\\_", "_"), "PAY", TITLES).needed_achievements
    assert needed == spelt
    for known in needed:
        text = value.translate({0xFF10 + digit: str(digit) for digit in range(10)})
        assert known.first_id in text or not value.isascii()
        assert not known.plan or known.plan in text or not value.isascii()


@given(st.lists(st.sampled_from([*TITLES, "9.9", "@TILL 1.1", "SUBPLAN_12"]), min_size=1, max_size=6, unique=True))
def test_a_list_of_names_is_read_in_full(names: list[str]) -> None:
    for separator in (", ", "; ", " and ", " & ", " + "):
        assert len(parse_dependency_value(separator.join(names), "PAY", TITLES).needed_achievements) == len(names)


@pytest.mark.parametrize(
    ("needed", "ids"),
    [
        (NeededAchievement("", "1.1", "1.3"), ("1.1", "1.2", "1.3")),
        (NeededAchievement("", "1.3", "1.1"), ("1.1", "1.2", "1.3")),
        (NeededAchievement("", "1.1", "1.9"), ("1.1", "1.2", "1.3")),
        (NeededAchievement("", "7.1", "7.3"), ("7.1", "7.3")),
        (NeededAchievement("", "12"), ("1.2",)),
        (NeededAchievement("", "01_02"), ("1.2",)),
        (NeededAchievement("", "99"), ("SUBPLAN_99",)),
        (NeededAchievement("", "9.9"), ("9.9",)),
    ],
)
def test_what_a_name_means_in_a_plan(needed: NeededAchievement, ids: tuple[str, ...]) -> None:
    assert resolve_ids(needed, ("1.1", "1.2", "1.3", "2.1")) == ids


def test_a_number_that_fits_two_ids_means_neither() -> None:
    assert resolve_ids(NeededAchievement("", "111"), ("1.11", "11.1")) == ("SUBPLAN_111",)


def test_where_the_ids_are_spelt() -> None:
    value = "1.1 (see 1.3), @TILL 1.1-1.2, **2.1**"
    found = list(id_occurrences_in(value, parse_dependency_value(value, "PAY", TITLES).needed_achievements))
    assert [(plan, known) for plan, known, *_ in found] == [("", "1.1"), ("TILL", "1.1"), ("TILL", "1.2"), ("", "2.1")]
    assert all(ID.fullmatch(value[start:end]) for *_, start, end in found)


def declared(body: str) -> list[tuple[str, bool, list[str], bool]]:
    """Return (field, whether it is the reverse, dependencies, whether a part is unread) of each value of a body."""
    text = f"# PLAN: Pay\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n{dedent(body)}\n"
    document = parse("PLAN_PAY.md", text)
    assert document is not None and isinstance(document.facts, Plan)
    return [
        (said.name, said.reverse, [known.first_id for known in said.needed_achievements], bool(said.unread_parts))
        for said in document.facts.achievements[1].declarations
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("Dependencies", "Depends on", "Blocked by", "Prerequisite", "Prerequisites", "Requires", "Needs", "After"),
        *("Dependency", "DEPENDS ON", "depends-on", "Blocked By"),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        *("**{}**: 1.1", "- **{}**: 1.1", "{}: 1.1", "- {}: 1.1", "**{}:** 1.1", "* {}: 1.1", "1. **{}**: 1.1"),
        *("__{}__: 1.1", "*{}*: 1.1", "- [ ] {}: 1.1", "- 🔗 **{}**: 1.1", "**{}**\uff1a1.1", "**{} (hard)**: 1.1"),
        *("| {} | 1.1 |", "| **{}** | 1.1 |", "- **{}**:\n  - 1.1", "**{}**:\n\n- 1.1", "{}:\n- Achievement 1.1: A"),
        *("**{}**:\n1.1", "- **Notes**: x\n  - {}: 1.1", "**{}** (hard): 1.1"),
    ],
)
def test_every_field_in_every_form(name: str, form: str) -> None:
    assert [(needed, unread) for _, _, needed, unread in declared(form.format(name))] == [(["1.1"], False)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("- **Blocks**: 1.1", [("Blocks", True, ["1.1"], False)]),
        ("- Depends on 1.1", [("Depends on", False, ["1.1"], False)]),
        ("**Blocked by** Achievement 1.1", [("Blocked by", False, ["1.1"], False)]),
        ("Dependencies – 1.1", [("Dependencies", False, ["1.1"], False)]),
        ("- **Prerequisite** -> Achievement 1.1", [("Prerequisite", False, ["1.1"], False)]),
        ("Dependencies = 1.1", [("Dependencies", False, ["1.1"], False)]),
        ("Dependencies 1.1 of the tool were updated", []),
        ("Prereqs: 1.1", [("Prereqs", False, ["1.1"], False)]),
        ("- **Waits for**: 1.1", [("Waits for", False, ["1.1"], False)]),
        ("Hard dependencies: 1.1", [("Hard dependencies", False, ["1.1"], False)]),
        ("Unblocks: 1.1", [("Unblocks", True, ["1.1"], False)]),
        ("**Depends on**: 1.1,\n2.1", [("Depends on", False, ["1.1", "2.1"], False)]),
        ("**Depends on (optional)**: 1.1", [("Depends on", False, [], True)]),
        ("- **Requires**: Python 3.10", [("Requires", False, [], True)]),
        ("```\nDepends on: 1.1\n```", []),
        ("| Dependencies | Blocks | Notes |", []),
        ("- **Before**: 10 files\n- **After**: 3 files", []),
        ("- **Before**: 10 files\n- **After**: 1.1", [("After", False, ["1.1"], False)]),
        ("Work after 1.1 depends on 1.1: see there.", []),
        ("- **Depends on**:\n- **Effort**: 3h", []),
        ("**Depends on**:\n\n- **Effort**: 3h", []),
        (
            "**Depends on**:\n- 1.1\n  - for the schema of 2.1\n- the API",
            [("Depends on", False, ["1.1"], False), ("Depends on", False, [], True)],
        ),
        ("**Depends on**:\n\n- **1.1**: A", [("Depends on", False, ["1.1"], False)]),
        ("1. Steps\n\n   **Dependencies**:\n\n   - Parse the fields", [("Dependencies", False, [], False)]),
        ("## Notes\n\n**Depends on**: 1.1", []),
    ],
)
def test_where_fields_stand(body: str, found: list[tuple[str, bool, list[str], bool]]) -> None:
    assert declared(body) == found


OUT_OF_SIGHT = [
    "<details>\n**Dependencies**: 1.1\n</details>",
    "<pre>\n**Depends on**: 1.1\n</pre>",
    "<b>Dependencies</b>: 1.1",
    "<ul><li>Needs: 1.1</li></ul>",
    "    **Dependencies**: 1.1",
    "<!-- a note\n\n**Dependencies**: 1.1",
    "```\n**Dependencies**: 1.1",
    "**D\u0435pendencies**: 1.1",
    "&#68;ependencies: 1.1",
    "<details>\n**Dependencies**:\n- 1.1\n</details>",
]
IN_NO_DOUBT = [
    "```\n**Dependencies**: 1.1\n```",
    "<!-- **Dependencies**: 1.1 -->",
    "<!-- a note\n\n**Achievement 1.3**: Till\n\n**Dependencies**: 1.1",
    "    make dependencies",
]


@pytest.mark.parametrize("body", [*OUT_OF_SIGHT, *IN_NO_DOUBT])
def test_a_dependency_out_of_sight_counts(body: str) -> None:
    text = f"# PLAN\n\n**Achievement 1.1**: Refunds\n\n**Achievement 1.2**: Receipts\n\n{body}\n\nmore\n"
    plan = parse_plan(parse_sections(text), "PAY", DEFAULT_VOCABULARY)
    found = [
        needed.first_id
        for known in plan.achievements
        for said in known.declarations
        for needed in said.needed_achievements
    ]
    assert found == (["1.1"] if body in OUT_OF_SIGHT else [])
