"""An agent program for tests: it does the step of its prompt without a model, or fails in one of many ways.

    python fake_agent.py MODE [--count FILE] [--trace FILE] [--seconds N] [--work PATH] [--go FILE] [ARGUMENT...]

The prompt comes on standard input, or in the file that `--prompt FILE` names. The result is in the form of Claude Code.
`--count` is a file in which the agent counts its starts, for the modes that fail only at first. `--trace` is a file to
which it appends one line of JSON when it begins and one when it ends. `--work` is a file that it writes besides what the
prompt names. With `--go`, it waits until that file exists before it does anything. Other arguments are printed by the
mode `show`. It imports nothing of the product.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WAIT_SECONDS = 3600.0
FLOOD_BYTES = 100_000_000
DATE = "2026-01-02T03:04:05Z"
OPTIONS = ("--count", "--trace", "--seconds", "--work", "--prompt", "--go")
STATUS = re.compile(r"(?m)^(\*\*Status\*\*:).*?([ \t]*)$")
USAGE = {
    "input_tokens": 2468,
    "cache_creation_input_tokens": 4000,
    "cache_read_input_tokens": 6000,
    "output_tokens": 92,
}
COST = 0.25
Mode = Callable[[dict[str, str]], int]


def main(arguments: list[str]) -> int:
    """Run a mode, and return the exit code."""
    mode, given = arguments[0], dict[str, str]()
    others: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        if argument in OPTIONS:
            given[argument] = next(rest)
        else:
            others.append(argument)
    given["others"] = json.dumps(others)
    note(given, "begin")
    while "--go" in given and not Path(given["--go"]).exists():
        time.sleep(0.02)
    try:
        return MODES[mode](given)
    finally:
        note(given, "end")


def note(given: dict[str, str], event: str) -> None:
    """Append a line to the trace."""
    if path := given.get("--trace"):
        line = json.dumps({"event": event, "lease": os.environ.get("PLANMARK_LEASE", ""), "cwd": str(Path.cwd())})
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)


def starts(given: dict[str, str]) -> int:
    """Return how often the agent has started, this time included."""
    path = Path(given["--count"])
    number = int(path.read_text(encoding="utf-8")) + 1 if path.exists() else 1
    path.write_text(str(number), encoding="utf-8")
    return number


def say(text: str = "All done.", **more: Any) -> None:
    """Print a result in the form of Claude Code."""
    result = {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "api_error_status": None,
        "num_turns": 2,
        "result": text,
        "session_id": "5e551011-0000-4000-8000-000000000001",
        "total_cost_usd": COST,
        "usage": USAGE,
        "permission_denials": [],
    }
    print(json.dumps({**result, **more}), flush=True)


def prompt_of(given: dict[str, str]) -> str:
    """Return the prompt."""
    if path := given.get("--prompt"):
        return Path(path).read_text(encoding="utf-8")
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def do_step(prompt: str, given: dict[str, str]) -> None:
    """Do the step of a prompt in the current folder: its new documents, its open ones, its code, and its box."""
    for path, form in zip(listed(prompt, "## Create"), (*forms(prompt), *[""] * 9), strict=False):
        write(path, filled(form) or f"{Path(path).stem}\n")
    for path in re.findall(r"(?m)^- `([^`]+)` \(not there\)", prompt):
        write(path, f"# {path}\n")
    for path in re.findall(r"(?m)^\s*- (?:line \d+: )?`?([^\s`]+)`? does not exist: deliver it", prompt):
        write(path, f"# {path}\n")
    for path in listed(prompt, "## Documents you may edit"):
        if re.search(r"(?:SUBPLAN|EXECUTION_TASK)_[^/]*$", path) and Path(path).is_file():
            finish(Path(path))
    if "## One of these two is your result" in prompt:
        verdict = next(path for path in re.findall(r"`([^`]+)` \(to be created\)", prompt) if "APPROVED" in path)
        write(verdict, filled(forms(prompt)[0]))
    tick(prompt)
    if path := given.get("--work"):
        write(path, f"# {prompt.splitlines()[0]}\n")


def listed(prompt: str, heading: str) -> list[str]:
    """Return the paths that are listed under a heading."""
    _, _, after = prompt.partition(f"\n{heading}\n")
    return re.findall(r"(?m)^- `([^`]+)`", after.partition("\n## ")[0])


def forms(prompt: str) -> list[str]:
    """Return the forms of documents in a prompt."""
    return re.findall(r"(?ms)^```markdown\n(.*?)^```", prompt)


def filled(form: str) -> str:
    """Return a form with every gap filled, as a finished document."""
    text = re.sub(r"… now, in UTC[^\n]*", DATE, form)
    text = re.sub(r"… [^\n*]*", "Ada Lovelace", text)
    return text.replace("🚧 In Progress", "✅ Complete").replace("[ ]", "[x]")


def finish(path: Path) -> None:
    """Finish an open document."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\[TO BE FILLED[^\]]*\]", "Done, as the achievement asks.", text)
    if path.name.startswith("EXECUTION_TASK"):
        text = STATUS.sub(r"\1 ✅ Complete\2", text.replace("- [ ]", "- [x]"))
    path.write_text(text, encoding="utf-8")


def tick(prompt: str) -> None:
    """Set the box that a prompt of another format names."""
    match = re.search(r"change (?:only `\[.\]`|its box) to `\[x\]` in `([^`]+)` line (\d+)", prompt)
    if match is None:
        return
    edited = listed(prompt, "## Documents you may edit")
    path = Path(next((one for one in edited if one.endswith(match[1])), match[1]))
    lines = path.read_text(encoding="utf-8").split("\n")
    number = int(match[2]) - 1
    lines[number] = re.sub(r"\[[ -]\]", "[x]", lines[number], count=1)
    path.write_text("\n".join(lines), encoding="utf-8")


def write(path: str, text: str) -> None:
    """Write a file with its missing folders."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def plans() -> Iterator[Path]:
    """Yield the PLANs below the current folder."""
    yield from (path for path in Path.cwd().rglob("PLAN_*.md") if ".git" not in path.parts)


def work(given: dict[str, str]) -> int:
    """Do the step."""
    do_step(prompt_of(given), given)
    say()
    return 0


def slow(given: dict[str, str]) -> int:
    """Do the step after some seconds."""
    prompt = prompt_of(given)
    time.sleep(float(given.get("--seconds", "0.1")))
    do_step(prompt, given)
    say()
    return 0


def hang(_: dict[str, str]) -> int:
    """Say nothing, and stay."""
    time.sleep(WAIT_SECONDS)
    return 0


def hang_after_result(given: dict[str, str]) -> int:
    """Do the step, print the result, and stay."""
    work(given)
    return hang(given)


def ignore_sigterm(given: dict[str, str]) -> int:
    """Stay although asked to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", file=sys.stderr, flush=True)
    return hang(given)


def leave_daemon(given: dict[str, str]) -> int:
    """Do the step, and leave a process in the group that has the pipes open."""
    return _with_daemon(given, is_in_group=True)


def leave_session(given: dict[str, str]) -> int:
    """Do the step, and leave a process in a session of its own that has the pipes open."""
    return _with_daemon(given, is_in_group=False)


def _with_daemon(given: dict[str, str], *, is_in_group: bool) -> int:
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", f"import time; time.sleep({WAIT_SECONDS})"], start_new_session=not is_in_group
    )
    Path(given["--count"]).write_text(str(process.pid), encoding="utf-8")
    return work(given)


def crash(given: dict[str, str]) -> int:
    """End with a traceback."""
    prompt_of(given)
    raise RuntimeError("the agent has a defect")


def error_result(given: dict[str, str]) -> int:
    """End with success, and report an error."""
    prompt_of(given)
    say("Interrupted by the user", subtype="error_during_execution", is_error=True)
    return 0


def fail_late(given: dict[str, str]) -> int:
    """Do the step, and end with a failure."""
    do_step(prompt_of(given), given)
    say("API Error: 500 while the work was summed up", subtype="error_during_execution", is_error=True)
    return 1


def die_late(given: dict[str, str]) -> int:
    """Do the step, and end by a signal."""
    do_step(prompt_of(given), given)
    os.kill(os.getpid(), signal.SIGTERM)
    return 0


def overloaded(given: dict[str, str]) -> int:
    """Be overloaded twice, then do the step."""
    prompt = prompt_of(given)
    if starts(given) <= 2:
        say("API Error: 529 Overloaded", is_error=True, api_error_status=529)
        return 1
    do_step(prompt, given)
    say()
    return 0


def _failing(text: str, code: int = 1, **more: Any) -> Mode:
    def run(given: dict[str, str]) -> int:
        prompt_of(given)
        say(text, **{"is_error": True, **more})
        return code

    return run


def denied(given: dict[str, str]) -> int:
    """Be denied a tool, and end with success."""
    prompt_of(given)
    say("I could not write.", permission_denials=[{"tool_name": "mcp__planmark__next", "tool_input": {}}] * 2)
    return 0


def write_nothing(given: dict[str, str]) -> int:
    """End with success without any change."""
    prompt_of(given)
    say()
    return 0


def write_outside(given: dict[str, str]) -> int:
    """Do the step, and change files that are not of the step."""
    do_step(prompt_of(given), given)
    write(".claude/settings.json", '{"hooks": {}}\n')
    write("work-space/plans/OTHER/PLAN_OTHER.md", "# PLAN: Other\n\n**Status**: In Progress\n")
    say()
    return 0


def approve(given: dict[str, str]) -> int:
    """Do the step, and approve the own work."""
    prompt = prompt_of(given)
    do_step(prompt, given)
    item = re.search(r"(?m)^# \S+ (\d+)\.(\d+)", prompt)
    name = f"APPROVED_{item[1]}{item[2]}.md" if item else "APPROVED_11.md"
    for plan in plans():
        write(str(plan.parent / "execution" / "feedbacks" / name), f"# APPROVED\n\n**Review Date**: {DATE}\n")
    say()
    return 0


def delete_plan(given: dict[str, str]) -> int:
    """Delete the PLAN."""
    prompt_of(given)
    for plan in list(plans()):
        plan.unlink()
    say()
    return 0


def flood(given: dict[str, str]) -> int:
    """Do the step, and print very much before the result."""
    do_step(prompt_of(given), given)
    line = b'{"type":"assistant","text":"' + b"x" * 65_000 + b'"}\n'
    for number in range(FLOOD_BYTES // len(line)):
        (sys.stderr if number % 2 else sys.stdout).buffer.write(line)
    say()
    return 0


def invalid_utf8(given: dict[str, str]) -> int:
    """Print bytes that are no text, and fail."""
    prompt_of(given)
    sys.stderr.buffer.write(b"\xff\xfe broken \xc3\x28 \x1b[31mred\n")
    return 3


def wait_for_input(_: dict[str, str]) -> int:
    """Read standard input to its end, whatever the prompt is, and say how many bytes there were."""
    say(f"{len(sys.stdin.buffer.read())} bytes")
    return 0


def show(given: dict[str, str]) -> int:
    """Say the arguments, the environment and the folder."""
    say(
        json.dumps(
            {"arguments": json.loads(given["others"]), "environment": sorted(os.environ), "folder": str(Path.cwd())}
        )
    )
    return 0


def tell_secret(_: dict[str, str]) -> int:
    """Print a token, and fail."""
    print("export GITHUB_TOKEN=ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5", file=sys.stderr)
    return 1


MODES: dict[str, Mode] = {
    "ok": work,
    "slow": slow,
    "hang": hang,
    "hang-after-result": hang_after_result,
    "ignore-sigterm": ignore_sigterm,
    "daemon": leave_daemon,
    "daemon-in-session": leave_session,
    "crash": crash,
    "error-result": error_result,
    "fail-late": fail_late,
    "die-late": die_late,
    "overloaded": overloaded,
    "rate-limited": _failing("API Error: 429 rate limit, retry after 7 seconds", api_error_status=429),
    "unauthorized": _failing("Invalid API key · Please run /login", api_error_status=401),
    "not-logged-in": _failing("Not logged in · Please run /login"),
    "too-long": _failing("Prompt is too long", api_error_status=400),
    "denied": denied,
    "budget": _failing(
        "Budget reached", subtype="error_max_budget_usd", usage=dict.fromkeys(USAGE, 0), total_cost_usd=0.5
    ),
    "turns": _failing("Turns reached", subtype="error_max_turns"),
    "nothing": write_nothing,
    "outside": write_outside,
    "approve": approve,
    "delete-plan": delete_plan,
    "flood": flood,
    "invalid-utf8": invalid_utf8,
    "stdin": wait_for_input,
    "show": show,
    "secret": tell_secret,
}
"""Name → mode."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
