"""The gate for changes: counts must equal the committed ones, and no work may be slower than in the base commit.

    python -m benchmarks.regression_gate [--base REVISION]     # exit code 1 if work is slower or a count differs
    python -m benchmarks.regression_gate --prove [TIMES]       # plants slowdowns and records whether the gate catches them

The gate compares counts exactly. It compares times only within one run: the base has a worktree of its own, and both
sides work in turns. Work is slower if the lower bound of the 95 % interval of the ratio is above 1.10.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import work_counts
from benchmarks.intervals import Interval, ratio
from benchmarks.workspaces.large import of_tasks, write

REPOSITORY = Path(__file__).resolve().parent.parent
WORKER = Path(__file__).with_name("gate_worker.py")
RESULTS = Path(__file__).with_name("results")
SLOWER = 1.10
PAIRS = 21
ROUNDS = 3
"""Number of times that both sides start again, because a process may be unlucky with its memory for its whole life."""
BEST_OF = 3
TASKS = 160
PLANTED = 0.20

SLOWED = {
    "parse": ("formats/planmark/documents/document.py", "parse"),
    "state": ("formats/planmark/workflow/plan_state.py", "evaluate_plan"),
    "prompt": ("formats/planmark/prompts/next_prompt.py", "next_prompt"),
}
"""Work → the file and the function in which `--prove` plants a delay."""

DELAY = """

def _slowed(work):
    import functools
    import time

    @functools.wraps(work)
    def slower(*args, **kwargs):
        started = time.process_time()
        result = work(*args, **kwargs)
        end = time.process_time() + {share} * (time.process_time() - started)
        while time.process_time() < end:
            pass
        return result

    return slower


{name} = _slowed({name})
"""


class NotComparedError(Exception):
    """Two commits that cannot be compared; the message gives the reason."""


class Side:
    """A worker process that runs the code of one tree."""

    def __init__(self, server: Path, workspace: Path) -> None:
        """Start the worker. `server` is the folder that holds the package."""
        env = {**os.environ, "PYTHONPATH": str(server), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            (sys.executable, str(WORKER), str(workspace)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        self._server = server

    def begin(self) -> None:
        """Wait until the worker has read the workspace.

        Raises NotComparedError if the worker cannot do the work, or has imported a Planmark outside `server`.
        """
        assert self.process.stdout and self.process.stderr
        origin = self.process.stdout.readline().strip()
        if not origin:
            raise NotComparedError(self.process.stderr.read().strip().rpartition("\n")[2])
        if not Path(origin).is_relative_to(self._server):
            raise NotComparedError(f"the worker found another Planmark: {origin}")

    def seconds(self, work: str) -> float:
        """Let the worker do a piece of work; return the processor time that it took, in seconds."""
        assert self.process.stdin and self.process.stdout
        print(work, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def end(self) -> None:
        """End the worker."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def compare(base: Path, head: Path, pairs: int = PAIRS) -> dict[str, Interval]:
    """Return work → the time of `head` as a multiple of the time of `base`. Both are folders that hold the package.

    Raises NotComparedError if a side cannot do the work.
    """
    measured: dict[str, list[tuple[float, float]]] = {work: [] for work in SLOWED}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder).resolve()
        write(of_tasks(TASKS, seed=4), workspace)
        for _ in range(ROUNDS):
            sides = (Side(base.resolve(), workspace), Side(head.resolve(), workspace))
            try:
                for side in sides:
                    side.begin()
                for pair in range(pairs // ROUNDS):
                    for work, found in measured.items():
                        found.append(_pair(sides, work, pair % 2 == 1))
            finally:
                for side in sides:
                    side.end()
    return {work: ratio(found) for work, found in measured.items()}


def slower(ratios: dict[str, Interval]) -> list[str]:
    """Return the work whose whole interval is above `SLOWER`."""
    return [work for work, interval in ratios.items() if interval.low > SLOWER]


def _pair(sides: tuple[Side, Side], work: str, turned: bool) -> tuple[float, float]:
    """Return the best times of both sides, taken in turns. With `turned`, the second side begins."""
    best = [float("inf"), float("inf")]
    for _ in range(BEST_OF):
        for number in (1, 0) if turned else (0, 1):
            best[number] = min(best[number], sides[number].seconds(work))
    return best[0], best[1]


@contextlib.contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """Check out a commit in a worktree; yield its folder and remove it after the block.

    Raises NotComparedError if there is no such commit, or if git cannot check it out.
    """
    if not _git("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}"):
        raise NotComparedError(f"there is no commit {revision} here (a shallow clone, or the first commit)")
    folder = Path(tempfile.mkdtemp(prefix="planmark-base-"))
    try:
        if _git("worktree", "add", "--detach", str(folder / "base"), revision) is None:
            raise NotComparedError(f"git could not check out {revision}")
        yield folder / "base"
    finally:
        _git("worktree", "remove", "--force", str(folder / "base"))
        shutil.rmtree(folder, ignore_errors=True)


def _git(*arguments: str) -> str | None:
    """Run git; return its output, "ok" if it prints nothing, or None if it fails or is not installed."""
    try:
        done = subprocess.run(("git", *arguments), cwd=REPOSITORY, capture_output=True, text=True)
    except OSError:
        return None
    return (done.stdout.strip() or "ok") if done.returncode == 0 else None


def prove(times: int) -> dict[str, object]:
    """Return how often the gate catches a delay of 20 % in each kind of work, and how often it passes unchanged code.

    Each kind of work, and the unchanged code, gets `times` comparisons.
    """
    said: dict[str, object] = {"planted": PLANTED, "times": times, "pairs": PAIRS}
    with tempfile.TemporaryDirectory() as folder:
        base = _copy(Path(folder) / "base")
        for planted in (None, *SLOWED):
            runs = []
            for number in range(times):
                head = _copy(Path(folder) / f"{planted}-{number}")
                if planted:
                    path, name = SLOWED[planted]
                    file = head / "planmark" / path
                    text = file.read_text(encoding="utf-8") + DELAY.format(share=PLANTED, name=name)
                    file.write_text(text, encoding="utf-8")
                found = compare(base, head)
                caught = slower(found)
                runs.append({"slower": caught, "ratios": {work: list(interval) for work, interval in found.items()}})
                print(f"{planted or 'unchanged'} {number + 1}: {_said(found)} → {caught or 'passes'}", flush=True)
                shutil.rmtree(head)
            right = sum((planted in run["slower"]) if planted else not run["slower"] for run in runs)
            said[planted or "unchanged"] = {"right": right, "runs": runs}
    return said


def _copy(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "server", folder, ignore=ignored)
    return folder.resolve()


def _said(ratios: dict[str, Interval]) -> str:
    return ", ".join(f"{work} × {i.middle:.3f} ({i.low:.3f} to {i.high:.3f})" for work, i in ratios.items())


def main() -> int:
    """Run the gate or, with `--prove`, its proof; return the exit code."""
    parser = argparse.ArgumentParser(description="Is this slower than the commit before?")
    parser.add_argument("--base", default="HEAD^", help="the revision to compare with")
    parser.add_argument(
        "--prove", type=int, nargs="?", const=10, metavar="TIMES", help="plant slowdowns; see them caught"
    )
    args = parser.parse_args()
    if args.prove:
        said = prove(args.prove)
        (RESULTS / "gate.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        return 0
    different = work_counts.differences(work_counts.counted(), work_counts.baseline())
    print("\n".join(["counts differ:", *different]) if different else "gate: counts as in the baseline")
    if _git("diff", "--quiet", args.base, "--", "server") is not None:
        print(f"gate: times are not compared: server/ is the same as in {args.base}")
        return 1 if different else 0
    try:
        with worktree(args.base) as base:
            ratios = compare(base / "server", REPOSITORY / "server")
    except NotComparedError as error:
        print(f"gate: times are not compared: {error}")
        return 1 if different else 0
    print(f"gate: against {args.base}: {_said(ratios)}")
    for work in slower(ratios):
        print(f"gate: {work} is slower by more than {SLOWER - 1:.0%}", file=sys.stderr)
    return 1 if different or slower(ratios) else 0


if __name__ == "__main__":
    sys.exit(main())
