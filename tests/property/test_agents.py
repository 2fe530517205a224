"""Any value reaches the arguments of an agent unchanged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planmark.run.agents import (
    PLACEHOLDERS,
    AgentProgram,
    command_of,
)


@given(st.dictionaries(st.sampled_from(PLACEHOLDERS), st.text(min_size=1), min_size=8))
def test_values_reach_arguments_unchanged(values: dict[str, str]) -> None:
    command = ("x", *(f"{{{name}}}" for name in PLACEHOLDERS))
    assert command_of(AgentProgram(name="a", command=command), values) == (
        "x",
        *(values[name] for name in PLACEHOLDERS),
    )
