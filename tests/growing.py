"""Kinds of growing input: for a number n, files that hold n of something."""

from __future__ import annotations

import json
from collections.abc import Callable

Files = dict[str, str]

P = "plans/PAY"
PLAN = f"{P}/PLAN_PAY.md"
SUBPLAN = f"{P}/subplans/SUBPLAN_PAY_11.md"
TASK = f"{P}/execution/EXECUTION_TASK_PAY_11_01.md"
FEEDBACKS = f"{P}/execution/feedbacks"
HEAD = "# PLAN: Pay\n\n**Status**: In Progress\n\n"
DESIGN = "# SUBPLAN: Thing\n\n**Achievement**: 1.1\n\n## Objective\n\nx\n\n"


def ids(n: int) -> list[str]:
    """Return `n` ids: 1.1, 1.2, …, 2.1, …"""
    return [f"{1 + number // 50}.{1 + number % 50}" for number in range(n)]


def numbers(n: int) -> list[tuple[str, str]]:
    """Return `n` ids, each with the number that a file name has for it."""
    return [(known, "_".join(f"{int(part):02d}" for part in known.split("."))) for known in ids(n)]


def plan(n: int, body: Callable[[int], str] = lambda _: "", tail: str = "", head: str = "") -> str:
    """Return a PLAN with `n` achievements. `body` returns the text below each definition; `tail` is the end."""
    defined = "".join(f"\n**Achievement {known}**: Thing\n\n{body(at)}\n" for at, known in enumerate(ids(n)))
    return f"{HEAD}{head}\n## Work\n{defined}\n{tail}\n"


def fields(value: Callable[[int, list[str]], str], name: str = "Depends on") -> Callable[[int], Files]:
    """Return a PLAN with a field in each of `n` achievements. `value` takes the position and all ids."""
    return lambda n: {PLAN: plan(n, lambda at: f"- {name}: {value(at, ids(n))}")}


def lines(line: str) -> Callable[[int], Files]:
    """Return a PLAN with few achievements, followed by a text `n` times; `{}` stands for the number."""
    return lambda n: {PLAN: plan(3, tail="".join(line.replace("{}", str(at)) for at in range(n)))}


def work(path: str, line: str, head: str = "# T\n\n") -> Callable[[int], Files]:
    """Return a document with a text `n` times, beside a PLAN and a SUBPLAN."""
    return lambda n: (
        {PLAN: plan(3), SUBPLAN: DESIGN} | {path: head + "".join(line.replace("{}", str(at)) for at in range(n))}
    )


def parallel(entry: Callable[[int, list[str]], dict[str, object]], achievements: int = 0) -> Callable[[int], Files]:
    """Return a `parallel.json` with `n` entries, beside a PLAN with `n` achievements, or `achievements` if given."""
    return lambda n: {
        PLAN: plan(achievements or n),
        f"{P}/parallel.json": json.dumps(
            {
                "plan_name": "PAY",
                "parallelization_level": "level_3",
                "achievements": [
                    {"achievement_id": known} | entry(at, ids(n)) for at, known in enumerate(ids(achievements or n))
                ],
            },
            indent=1,
        ),
    }


def _prior(at: int, known: list[str]) -> str:
    return known[max(0, at - 1)]


INPUTS: dict[str, Callable[[int], Files]] = {
    "achievements": lambda n: {PLAN: plan(n)},
    "achievements as headings": lambda n: {
        PLAN: HEAD + "".join(f"### Achievement {i}: Thing\n\nx\n\n" for i in ids(n))
    },
    "achievements with a status": lambda n: {PLAN: plan(n, lambda _: "**Status**: ✅ Complete")},
    "priorities": lambda n: {
        PLAN: HEAD + "".join(f"## Priority {at}\n\n**Achievement {i}**: Thing\n\n" for at, i in enumerate(ids(n)))
    },
    "index lines": lambda n: {
        PLAN: plan(n, head="## Achievement Index\n\n" + "".join(f"- [x] Achievement {i}: Thing\n" for i in ids(n)))
    },
    "index rows": lambda n: {
        PLAN: plan(n, head="## Achievement Index\n\n| A | T |\n|---|---|\n" + "".join(f"| {i} | T |\n" for i in ids(n)))
    },
    "achievements outside the index": lambda n: {
        PLAN: plan(n, head="## Achievement Index\n\n- Achievement 1.1: Thing\n")
    },
    "damaged lines": lines("x √¢≈ì‚Ä¶ {}\n"),
    "ends of lines": lines("x {}\r\ny\n"),
    "ids in wide digits": lines("See Achievement １.１ {}.\n"),
    "marks of a merge": lines("<<<<<<< a\nx {}\n=======\ny\n>>>>>>> b\n"),
    "one id in the index": lambda n: {
        PLAN: plan(3, head="## Achievement Index\n\n" + "- Achievement 1.1: Thing\n" * n)
    },
    "one id defined": lines("\n**Achievement 1.1**: Again {}\n"),
    "lines like achievements": lines("- **Achievement 7**: Again {}\n"),
    "achievements out of sight": lambda n: {
        PLAN: plan(3, tail="".join(f"<b>Achievement 8.{i}</b>:\n" for i in ids(n)))
    },
    "achievements in another script": lambda n: {
        PLAN: plan(3, tail="".join(f"**Аchievement {i}**: T\n" for i in ids(n)))
    },
    "a chain of dependencies": fields(_prior),
    "a cycle of dependencies": fields(lambda at, known: known[(at + 1) % len(known)]),
    "cycles of dependencies": fields(lambda at, known: known[at ^ 1]),
    "one range over all": fields(lambda at, _: "none" if at else "1.2-99.99"),
    "a range in each": fields(lambda _at, _: "1.0-99.99"),
    "ranges in one field": fields(lambda at, _: "none" if at else ", ".join(["1.0-99.99"] * 30)),
    "ranges in one body": lines("- Depends on: 1.0-99.99\n"),
    "a range that each blocks": fields(lambda _at, _: "1.0-99.99", "Blocks"),
    "unknown dependencies": fields(lambda _at, _: "88.88"),
    "dependencies that cannot be read": fields(lambda at, _: f"the big thing {at}"),
    "dependencies by SUBPLAN": fields(lambda at, _: f"SUBPLAN_PAY_{numbers(at + 1)[at][1]}"),
    "items of one field": lambda n: {
        PLAN: plan(n, tail="- Depends on:\n" + "".join(f"  - {known}\n" for known in ids(n)))
    },
    "empty fields": lines("Depends on:\n"),
    "blocks": fields(lambda at, known: known[min(len(known) - 1, at + 1)], "Blocks"),
    "dependencies on another plan": lambda n: {
        PLAN: plan(n, lambda at: f"- Depends on: @CART {ids(n)[at]}"),
        "plans/CART/PLAN_CART.md": plan(n, lambda at: f"- Depends on: @PAY {ids(n)[(at + 1) % n]}"),
    },
    "ranges in another plan": lambda n: {
        PLAN: plan(n, lambda _: "- Depends on: @CART 1.0-99.99"),
        "plans/CART/PLAN_CART.md": plan(n),
    },
    "one claim for each": lambda n: {PLAN: plan(n, tail="".join(f"- [x] Achievement {i}: Thing\n" for i in ids(n)))},
    "ranges of claims": lambda n: {PLAN: plan(n, tail="- ✅ Achievement 1.1-99.99 done\n" * n)},
    "claims of a priority": lambda n: {PLAN: plan(n, tail="- ✅ Priority 1 done 3/3\n" * n)},
    "one list of claims": lambda n: {PLAN: plan(n, tail=f"- ✅ Achievements {', '.join(ids(n))}\n")},
    "claims in a table": lambda n: {
        PLAN: plan(
            n, tail="| Achievement | Status |\n|---|---|\n" + "".join(f"| {i} | ✅ Complete |\n" for i in ids(n))
        )
    },
    "statuses of the handoff": lambda n: {
        PLAN: plan(n, tail="## Current Status & Handoff\n\n" + "**Status**: Priorities 0-99 complete\n\n" * n)
    },
    "handoffs": lines("## Current Status & Handoff\n\nNext: Achievement 1.1 {}\n\n"),
    "headings": lines("### Part {}\n\nx\n\n"),
    "header fields": lambda n: {PLAN: HEAD + "".join(f"**Field {at}**: x\n" for at in range(n))},
    "fields": lines("**Status**: x {}\n"),
    "suppressions": lines("<!-- planmark: ignore placeholder-left -->\n\nx {}\n\n"),
    "places to fill": lambda n: {PLAN: HEAD + "## Goal\n\n" + "".join(f"[FILL: {at}]\n\n" for at in range(n))},
    "tables": lines("| A | Status |\n|---|---|\n| {} | x |\n\n"),
    "rows": lambda n: {PLAN: plan(3, tail="| A | Status |\n|---|---|\n" + "| x | y |\n" * n)},
    "cells": lambda n: {PLAN: plan(3, tail=f"{'|A' * n}|\n{'|-' * n}|\n{'|x' * n}|\n")},
    "fences": lines("```\nx {}\n```\n\n"),
    "open fences": lines("````\n~~~ {}\n"),
    "comments": lines("<!-- x {} -->\n"),
    "open tags": lines("<details>\n\n<pre>{}\n\n"),
    "list items": lines("- x {}\n"),
    "nested lists": lambda n: {PLAN: plan(3, tail="".join(f"{' ' * (2 * (at % 40))}- x\n" for at in range(n)))},
    "nested quotes": lambda n: {PLAN: plan(3, tail="".join(f"{'>' * (at % 40)} x\n" for at in range(n)))},
    "boxes": lines("- [ ] x {}\n"),
    "mentions of ids": lines("See Achievement 1.1 and Achievement 1.2 {}.\n\n"),
    "mentions in one line": lines("See Achievement 1.1. "),
    "mentions of another plan": lambda n: {
        PLAN: plan(3, tail="See @P1 1.1 and PLAN_P1.md.\n\n" * n),
        **{f"plans/P{at}/PLAN_P{at}.md": plan(2) for at in range(n)},
    },
    "mentions of files": lines("See `SUBPLAN_PAY_{}.md`.\n\n"),
    "mentions of files that have others' numbers": lambda n: {
        PLAN: plan(3, tail="".join(f"See SUBPLAN_PAX{at}_11.md.\n\n" for at in range(n))),
        **{f"plans/P{at}/subplans/SUBPLAN_P{at}_11.md": DESIGN for at in range(n)},
    },
    "links": lines("[a](b/{}.md) "),
    "deliverables": lambda n: {
        PLAN: plan(3, tail="**Deliverables**:\n\n" + "".join(f"- `a/{at}.py`\n" for at in range(n)))
    },
    "fields of deliverables": lines("- Deliverables: `a/{}.py`\n"),
    "statistics": lines("- {} SUBPLANs created\n"),
    "approved": lambda n: {
        PLAN: plan(n),
        **{f"{FEEDBACKS}/APPROVED_{number}.md": f"# APPROVED: Achievement {known}\n" for known, number in numbers(n)},
    },
    "verdicts of another plan": lambda n: {
        PLAN: plan(n),
        "plans/CART/PLAN_CART.md": plan(2),
        **{f"{FEEDBACKS}/APPROVED_{number}.md": "# APPROVED\n\n**Plan**: PLAN_CART\n" for _, number in numbers(n)},
    },
    "rounds of one review": lambda n: {
        PLAN: plan(3),
        **{f"{FEEDBACKS}/FIX_11_R{at}.md": "# FIX: Achievement 1.1\n" for at in range(2, n // 2)},
    },
    "reviews": lambda n: {
        PLAN: plan(n),
        **{
            f"{FEEDBACKS}/{name.format(number)}.md": f"# {name[:3]}: Achievement {known}\n\n**Review Date**: 2026-01-02\n"
            for known, number in numbers(n)
            for name in ("FIX_{}", "FIX_{}_RESOLUTION", "FIX_{}_R2", "APPROVED_{}")
        },
    },
    "issues of a fix": work(f"{FEEDBACKS}/FIX_11.md", "{}. **Wrong**\n", "# FIX: 1.1\n\n## Critical Issues\n\n"),
    "dates of a verdict": work(f"{FEEDBACKS}/APPROVED_11.md", "**Date**: 2026-01-0{}\n\n", "# APPROVED: 1.1\n\n"),
    "subplans": lambda n: {
        PLAN: plan(n),
        **{
            f"{P}/subplans/SUBPLAN_PAY_{number}.md": f"# SUBPLAN: Thing\n\n**Achievement**: {known}\n\n## Objective\n\nx\n\n"
            f"## Deliverables\n\n- `a/b{number}.py`\n"
            for known, number in numbers(n)
        },
    },
    "sections of a SUBPLAN": work(SUBPLAN, "## Objective\n\nx {}\n\n", DESIGN),
    "executions": lambda n: {
        PLAN: plan(3),
        SUBPLAN: DESIGN,
        **{f"{P}/execution/EXECUTION_TASK_PAY_11_{at:03d}.md": "**Status**: Done\n" for at in range(1, n)},
    },
    "statuses of an execution": work(TASK, "## S {}\n\n**Status**: In Progress\n\n"),
    "iterations of an execution": work(TASK, "### Iteration {}\n\n**Status**: Done\n\nx\n\n"),
    "boxes of an execution": work(TASK, "- [x] a {}\n", "# T\n\n## Completion Checklist\n\n"),
    "copies": lambda n: {PLAN: plan(3), **{f"old/{at}/SUBPLAN_PAY_11.md": f"{DESIGN}{at}\n" for at in range(n)}},
    "misnamed work": lambda n: {
        PLAN: plan(n),
        **{f"{P}/subplans/subplan pay {i}.md": f"**Achievement**: {i}\n" for i in ids(n)},
    },
    "a parallel.json": parallel(
        lambda at, known: {"dependencies": known[max(0, at - 1) : at], "blocks": known[at + 1 : at + 2]}
    ),
    "lists of a parallel.json": parallel(lambda _, known: {"dependencies": known * 2, "blocks": known}, 3),
    "blocks that nothing mirrors": parallel(lambda at, known: {"blocks": known[at + 1 : at + 2], "dependencies": []}),
    "statuses of a parallel.json": parallel(lambda _at, _: {"status": "complete"}),
    "broken entries of a parallel.json": parallel(lambda at, _: {"dependencies": [at]}),
    "plans": lambda n: {f"plans/P{at}/PLAN_P{at}.md": plan(2) for at in range(n)},
    "plans of one feature": lambda n: {
        f"plans/{at}/PLAN_PAY.md": plan(2, lambda _: "- Depends on: @PAY 1.1") for at in range(n)
    },
    "plans in one folder": lambda n: {
        **{f"plans/PLAN_P{at}.md": plan(2) for at in range(n)},
        **{f"plans/subplans/SUBPLAN_P{at}_11.md": DESIGN for at in range(n)},
    },
    "rows about copies of one plan": lambda n: {
        **{f"p{at}/PLAN_Q.md": plan(1) for at in range(n)},
        "GRAMMAPLAN_G.md": "# GRAMMAPLAN: G\n\n| Plan | Status |\n|---|---|\n" + "| PLAN_Q | Complete |\n" * n,
    },
    "verdicts where none counts": lambda n: {
        PLAN: plan(n),
        **{f"{PLAN.rpartition('/')[0]}/x{at}/APPROVED_11.md": "# A\n" for at in range(n)},
    },
    "verdicts elsewhere that name a plan": lambda n: {
        **{f"p{at}/PLAN_PAY.md": plan(2) for at in range(n)},
        **{f"q/{at}/APPROVED_11.md": "# A\n\n**Plan**: PAY\n" for at in range(n)},
    },
    "work of a plan that is not there": lambda n: {
        PLAN: plan(n),
        **{f"{PLAN.rpartition('/')[0]}/subplans/SUBPLAN_X{at}_11.md": DESIGN for at in range(n)},
    },
    "files like plans": lambda n: {PLAN: plan(2), **{f"a/PLAN_x_{at}.md": "x\n" for at in range(n)}},
    "rows of a GRAMMAPLAN": lambda n: {
        PLAN: plan(2),
        "GRAMMAPLAN_SHOP.md": "# G\n\n| Child PLAN | Status | Progress |\n|---|---|---|\n"
        + "".join(f"| PLAN_P{at}.md | Complete | 100% |\n" for at in range(n)),
    },
}
"""Kind of input → its files, with `n` of it."""
