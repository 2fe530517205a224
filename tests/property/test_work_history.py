"""The curve of a plan, for any verdicts in any order: it explains the present, goes down only if a FIX reopens, and never
guesses."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from editor_checks import view_at
from planmark.queries.work_history import history_result
from planmark.storage.timestamps import iso_seconds
from sample_plan import FEEDBACKS, PLAN, TEXT

TODAY = "2026-01-20"
DATES = st.one_of(
    st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 1, 25)).map(str),
    st.sampled_from(
        ["", "someday", "03/05/2026", "2026-01-05 09:00", "2026-01-05 23:30 -08:00", "2026-01-06 01:00 CST"]
    ),
)
VERDICTS = st.dictionaries(
    st.tuples(st.sampled_from(["APPROVED", "FIX"]), st.sampled_from(["11", "12"]), st.integers(1, 4)), DATES, max_size=8
)


@settings(deadline=None)
@given(VERDICTS)
def test_the_curve(verdicts: dict[tuple[str, str, int], str]) -> None:
    files = {PLAN: TEXT}
    for (kind, number, round_number), day in verdicts.items():
        name = f"{kind}_{number}" + (f"_R{round_number}" if round_number > 1 else "")
        files[f"{FEEDBACKS}/{name}.md"] = f"# {kind}: Refunds receipts\n\n" + (
            f"**Review Date**: {day}\n" if day else ""
        )
    with tempfile.TemporaryDirectory() as folder:
        view = view_at(files, Path(folder))
        (plan,) = history_result(view, TODAY).plans
        state = view.state(PLAN)
    counts = [0, *(point.approved for point in plan.points)]
    assert plan.approved == state.counts.get("approved", 0)
    assert plan.undated == plan.approved - counts[-1] >= 0
    for before, after, point in zip(counts, counts[1:], plan.points, strict=False):
        assert after - before == (-1 if point.event.endswith("reopened") else 1)
        assert point.at[:10] <= TODAY
    assert all(0 <= count <= plan.of for count in counts)
    days = [point.at[:10] for point in plan.points]
    assert days == sorted(days)
    if not any(kind == "FIX" for kind, _, _ in verdicts):
        assert counts == sorted(counts)
    for wait in plan.waiting:
        assert (wait.days is None) == (wait.since == "")
        assert wait.days is None or (wait.days >= 0 and iso_seconds(wait.since) > 0)
    dated = {item.achievement for item in plan.reviews if item.approved_at}
    assert plan.approved - plan.undated == len(dated)
