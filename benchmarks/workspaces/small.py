"""Small random workspaces with every state and every spelling, for property tests."""

from __future__ import annotations

from random import Random

from benchmarks.workspaces.ground_truth import Expected, Plan, Planted, plant
from benchmarks.workspaces.spellings import FEATURES, FOLDERS, STATES


def workspace(seed: int) -> Planted:
    """Return the workspace of a seed: one to three plans, each with one to eight achievements."""
    rng = Random(seed)
    files: dict[str, str] = {}
    expected: dict[str, Expected] = {}
    for feature in rng.sample(FEATURES, rng.randint(1, 3)):
        plan = Plan(feature, rng.choice(FOLDERS).format(feature), rng.random() < 0.2, _ids(rng), {})
        expected[plan.path] = plant(rng, plan, *_wanted(rng, plan.ids))
        end = rng.choice(("\n", "\n", "\r\n"))
        files.update({name: text.replace("\n", end) for name, text in plan.files.items()})
    return Planted(files, expected)


def _ids(rng: Random) -> list[str]:
    number = rng.randint(1, 8)
    style = rng.choice(("plain", "plain", "deep", "wide"))
    pool = {
        "plain": [f"{p}.{i}" for p in range(4) for i in range(1, 5)],
        "deep": [f"{p}.{i}" for p in range(1, 4) for i in range(1, 4)] + ["3.5.1", "3.5.2"],
        "wide": ["1.1", "1.2", "1.10", "1.11", "10.1", "11.1", "2.1", "12.3"],
    }[style]
    return sorted(rng.sample(pool, min(number, len(pool))), key=lambda known: [int(part) for part in known.split(".")])


def _wanted(rng: Random, ids: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the states to plant, and the dependencies (id → the id it waits for)."""
    targets = {known: rng.choice(STATES) for known in ids}
    if rng.random() < 0.15:
        targets = dict.fromkeys(ids, "approved")
    depends = {}
    for known, state in targets.items():
        waiting = [other for other in ids if other < known and targets[other] not in ("approved", "blocked")]
        if state == "blocked" and waiting:
            depends[known] = rng.choice(waiting)
        elif state == "blocked":
            targets[known] = "no_subplan"
    return targets, depends
