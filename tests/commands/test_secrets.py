"""A prompt quotes what documents say, without the credentials in it."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write_files
from sample_plan import PLAN, TEXT

WORK = "work-space/plans/PAY"
TOKEN = "ghp_" + "".join(random.Random(3).choices(string.ascii_letters, k=35)) + "7"
KEY_LINES = ["".join(random.Random(n).choices(string.ascii_letters, k=64)) for n in range(9)]
KEY = "\n".join(("-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----"))
SUBPLAN = f"""# SUBPLAN: Refunds

**Achievement**: 1.1

## Objective

Refund with the token {TOKEN} of the gateway.

## Approach

Call it.
"""
EXECUTION = """# EXECUTION_TASK: Refunds

**Status**: In Progress

## Iteration Log

### Iteration 1

```
{log}
```

- [ ] call `{token}` again
"""


@pytest.fixture
def planmark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    texts = {
        PLAN: TEXT.replace("- Effort: 2 hours", f"- Effort: 2 hours, with {TOKEN}"),
        f"{WORK}/subplans/SUBPLAN_PAY_11.md": SUBPLAN,
        f"{WORK}/execution/EXECUTION_TASK_PAY_11_01.md": EXECUTION.format(log=KEY, token=TOKEN),
    }
    write_files(tmp_path, texts)
    return runner(capsys, "--workspace", str(tmp_path))


def test_a_credential_is_masked_and_a_note_says_so(planmark: Run) -> None:
    shown = planmark("next", "@PAY")
    assert shown.code == 0
    assert "[masked: GitHub token]" in shown.out
    assert TOKEN not in shown.out + shown.err
    assert "looks like a credential: private key, GitHub token (" in shown.err


def test_the_result_for_programs_says_the_same(planmark: Run) -> None:
    shown = planmark("next", "@PAY", "--json")
    assert TOKEN not in shown.out
    assert [note for note in shown.data["notes"] if "GitHub token" in note]


def test_the_users_own_word_turns_it_off_and_a_note_says_so(planmark: Run) -> None:
    shown = planmark("next", "@PAY", "--show-secrets")
    assert TOKEN in shown.out
    assert "no credential is masked" in shown.err
    assert TOKEN not in planmark("next", "@PAY").out


@pytest.mark.parametrize(
    "files",
    [
        {"planmark.toml": "[prompts]\nmaskSecrets = false\n"},
        {"planmark.toml": "prompts.maskSecrets = false\n"},
        {"planmark.toml": "[planmark.prompts]\nmaskSecrets = false\n"},
        {"pyproject.toml": "[tool.planmark.prompts]\nmaskSecrets = false\n"},
    ],
    ids=lambda files: next(iter(files.values()))[:20],
)
def test_no_file_of_a_workspace_turns_it_off(planmark: Run, tmp_path: Path, files: dict[str, str]) -> None:
    write_files(tmp_path, files)
    shown = planmark("next", "@PAY")
    assert TOKEN not in shown.out
    assert "GitHub token" in shown.err
    assert "`prompts.maskSecrets`, which only your own settings may" in planmark("check").out


def test_a_template_of_the_workspace_is_not_given_them(planmark: Run, tmp_path: Path) -> None:
    """Withhold credentials from the template, because it could spell them in a different way."""
    own = "{{ body|join(' ')|reverse }}{% for c in open_items[0][2] %}{{ c }} {% endfor %}{{ safety|join(' ') }}"
    write_files(tmp_path, {"own/continue_execution.md.j2": own, "planmark.toml": '[prompts]\ntemplates = "own"\n'})
    shown = planmark("next", "@PAY", "--json").data["prompt"]
    assert "own/continue_execution" in shown
    assert TOKEN[::-1] not in shown
    assert TOKEN not in shown.replace(" ", "")


def test_what_is_kept_for_the_next_command_is_masked(planmark: Run) -> None:
    first, second = planmark("next", "@PAY"), planmark("next", "@PAY")
    assert second.out == first.out
    assert "looks like a credential: private key, GitHub token (" in second.err


def test_a_private_key_is_masked_where_it_is_quoted(planmark: Run, tmp_path: Path) -> None:
    text = SUBPLAN.replace("Call it.", KEY)
    (tmp_path / WORK / "subplans" / "SUBPLAN_PAY_11.md").write_text(text)
    shown = planmark("next", "@PAY")
    assert "\n> [masked: private key]\n" in shown.out
    assert not any(line in shown.out for line in KEY_LINES)


def test_a_template_of_the_workspace_shows_none_either(planmark: Run, tmp_path: Path) -> None:
    (tmp_path / "planmark.toml").write_text('[prompts]\ntemplates = "own"\n')
    write_files(tmp_path, {"own/continue_execution.md.j2": "{{ open_items[0][2] }} {{ body|join(' ') }} {{ safety }}"})
    shown = planmark("next", "@PAY")
    assert "\ncall `[masked: GitHub token]` again" in shown.out
    assert TOKEN not in shown.out


def test_what_is_the_users_own_file_is_shown_as_it_is(planmark: Run, tmp_path: Path) -> None:
    planmark("next", "@PAY")
    assert TOKEN in (tmp_path / PLAN).read_text()
