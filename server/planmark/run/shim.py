"""The supervisor of one attempt: `python -m planmark.run.shim FOLDER`.

FOLDER contains the order. The supervisor starts the agent, keeps its output, renews its lease, enforces its limits, and
writes its result. The supervisor goes on if the process that started it ends. Each step waits for the start of a
supervisor. So this module imports no large modules.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from pathlib import Path

from planmark.run.agent_process import ProgramMissingError, RunningAgent, identity_of, passed_variables, program_path
from planmark.run.attempt_classes import AttemptEnd, EndedBy, class_of, retry_after
from planmark.run.attempts import (
    LOCKS_FOLDER,
    MAX_SAYS_CHARACTERS,
    PROMPT_FILE,
    AttemptClass,
    AttemptError,
    AttemptOrder,
    AttemptResult,
    read_order,
    read_result,
    write_agent,
    write_result,
)
from planmark.run.supervised import Supervised
from planmark.storage.file_lock import hold_lock

MAX_LOCK_WAIT_SECONDS = 10.0
"""Maximum number of seconds to wait for the supervisor of the previous attempt.

That supervisor has already written its result.
"""
MAX_LAST_LINES = 5
"""Maximum number of lines at the end of each output stream in which the reason of a failure is searched."""
DONE, BAD_USAGE, BUSY, FAILED = 0, 2, 4, 5
"""The exit codes of the supervisor."""


def main(arguments: list[str]) -> int:
    """Supervise the attempt in a folder, and return the exit code: DONE if the result is written."""
    if len(arguments) != 1:
        print("usage: python -m planmark.run.shim FOLDER", file=sys.stderr)
        return BAD_USAGE
    folder = Path(arguments[0]).absolute()
    try:
        order = read_order(folder)
        locks = folder.parent.parent / LOCKS_FOLDER
        locks.mkdir(mode=0o700, exist_ok=True)
        # At most one supervisor runs an agent for a lease.
        with hold_lock(locks / f"{order.lease}.lock", MAX_LOCK_WAIT_SECONDS):
            if read_result(folder) is None:
                write_result(folder, supervise(folder, order))
    except TimeoutError:
        print(f"a different supervisor has an agent for {order.lease}: nothing was started", file=sys.stderr)
        return BUSY
    except (AttemptError, OSError) as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


def supervise(folder: Path, order: AttemptOrder) -> AttemptResult:
    """Run the agent of an order until it ends, and return the result.

    `folder` is the folder of the attempt. Raises AttemptError if the prompt cannot be read.
    """
    start_time = time.monotonic()
    environment = {**passed_variables(order.env, os.environ), **order.variables}
    try:
        prompt = (folder / PROMPT_FILE).read_bytes() if order.prompt == "stdin" else None
    except OSError as error:
        raise AttemptError(f"{folder / PROMPT_FILE} cannot be read: {error.strerror or error}") from None
    received_signals: list[int] = []
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda signal_number, _: received_signals.append(signal_number))
    try:
        program = program_path(order.argv[0], environment, Path(order.cwd))
        agent = RunningAgent((program, *order.argv[1:]), Path(order.cwd), environment, has_input=prompt is not None)
    except ProgramMissingError as error:
        return AttemptResult(kind="not_installed", says=_safe_line(str(error)))
    except (OSError, ValueError) as error:
        is_too_large = isinstance(error, OSError) and error.errno == errno.E2BIG
        kind: AttemptClass = "too_long" if is_too_large else "crashed"
        return AttemptResult(kind=kind, says=_safe_line(f"{order.argv[0]} cannot be started: {error}"))
    try:
        write_agent(folder, identity_of(agent.process.pid))
        supervised = Supervised(folder, order, agent, prompt, received_signals)
        supervised.run()
    except BaseException:
        # No agent goes on without its supervisor, even if the disk is full or this program has a defect.
        agent.end_by_force()
        raise
    return result_of(order, supervised, time.monotonic() - start_time)


def result_of(order: AttemptOrder, supervised: Supervised, seconds: float) -> AttemptResult:
    """Return the result of an attempt whose agent has ended after `seconds` seconds."""
    report, return_code = supervised.reader.report, supervised.agent.process.returncode
    exit_code = 128 - return_code if return_code < 0 else return_code
    last_lines = _last_lines(supervised.tails)
    ended_by: EndedBy = supervised.ended_by or "exit"
    end = AttemptEnd(ended_by, exit_code, order.result, report, last_lines.lower())
    sentence = supervised.end_reason or report.says or last_lines.rpartition("\n")[2]
    return AttemptResult(
        kind=class_of(end),
        exit=exit_code,
        tokens=report.tokens,
        cost_usd=report.cost_usd,
        seconds=round(seconds, 3),
        turns=report.turns,
        session=report.session,
        says=_safe_line(sentence),
        denied=report.denied,
        retry_after=retry_after(f"{report.says}\n{last_lines}") if end.has_failed else None,
    )


def _last_lines(tails: dict[str, bytes]) -> str:
    """Return the last lines of standard output, and then the last lines of standard error.

    Lines of JSON are left out. `tails` maps "stdout" and "stderr" to the last bytes of the stream.
    """
    lines: list[str] = []
    for name in ("stdout", "stderr"):
        texts = (line.strip() for line in tails[name].decode("utf-8", "replace").splitlines())
        lines += [text for text in texts if text and not text.startswith("{")][-MAX_LAST_LINES:]
    return "\n".join(lines)


def _safe_line(text: str) -> str:
    """Return a text in one line, without credentials and control characters.

    It has at most MAX_SAYS_CHARACTERS characters.
    """
    if not text:
        return ""
    # Imported only at the end, because the start of the agent does not need this module.
    from planmark.text.masking import without_secrets
    from planmark.text.visible import visible_in_one_line

    shown_text = visible_in_one_line(" ".join(without_secrets(text).split()))
    return shown_text if len(shown_text) <= MAX_SAYS_CHARACTERS else f"{shown_text[: MAX_SAYS_CHARACTERS - 1]}…"


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1:]))
