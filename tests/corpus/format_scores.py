"""The comparison of one labelled workspace of a plan format with what was read from it.

`score` takes plans as JSON objects, as `planmark status --json` prints them, so it can compare either source.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import msgspec

from planmark.plans.format import Format, FormatDocument, PlanInput, PlanSite
from planmark.plans.registry import format_named

KINDS: dict[str, tuple[str, ...]] = {
    "missing-deliverable": ("deliverable-missing",),
    "deliverable-missing": ("deliverable-missing",),
    "deliverable-moved": ("deliverable-moved",),
    "parent-done-child-open": ("parent-ticked-early",),
    "parent-open-children-done": ("parent-not-ticked",),
    "unknown-marker": ("task-marker-unknown",),
    "queued-marker": ("task-queued",),
    "escaped-marker": ("task-optional-escaped",),
    "unknown-requirement": ("requirement-unknown",),
    "done-says-deferred": ("task-says-deferred", "task-says-skipped"),
    "archived-with-open-tasks": ("change-archived-open",),
    "no-tasks-file": ("tasks-missing",),
    "no-checkboxes": ("checkbox-missing",),
    "dropped-line": ("checkbox-missing",),
    "no-task-ids": ("task-id-missing",),
    "duplicate-id": ("task-id-duplicate",),
    "id-out-of-order": ("task-id-order",),
    "id-not-separated": ("task-id-glued",),
    "duplicate-feature-number": ("feature-number-duplicate",),
    "unknown-dependency": ("dependency-unknown",),
    "number-out-of-group": ("task-number-group",),
    "done-before-dependency": ("done-before-dependency",),
    "merge-conflict": ("merge-conflict",),
    "group-heading-without-box": ("task-not-startable",),
    "task-file-name": ("task-file-name",),
    "double-checkbox": ("double-checkbox",),
    "no-tasks": ("plan-no-tasks",),
    "boxes-untouched-but-files-exist": ("boxes-untouched",),
    "step-inside-code-fence": ("step-inside-code-fence",),
    "earlier-task-open": ("earlier-task-open",),
    "task-not-heading": ("task-not-heading",),
    "status-contradicts-boxes": ("status-contradicts-boxes",),
    "plan-ticked-without-summary": ("plan-ticked-without-summary",),
    "plan-open-with-summary": ("plan-open-with-summary",),
    "phase-ticked-incomplete": ("phase-ticked-incomplete",),
    "phase-open-complete": ("phase-open-complete",),
    "progress-row-mismatch": ("progress-row-mismatch",),
    "roadmap-contradicts-itself": ("roadmap-contradicts-itself",),
    "state-count-mismatch": ("state-count-mismatch",),
    "gaps-found-but-complete": ("gaps-found-but-complete",),
    "verdict-contradicts-itself": ("verification-contradicts-itself",),
    "unknown-verdict": ("verification-unknown",),
    "verification-name": ("verification-name",),
    "summary-without-plan": ("summary-without-plan",),
    "non-canonical-plan-name": ("plan-name-non-canonical",),
    "plan-name-without-number": ("plan-name-non-canonical",),
    "phase-level-summary": ("phase-level-summary",),
    "duplicate-phase-directory": ("duplicate-phase-directory",),
    "wave-mismatch": ("wave-mismatch",),
    "phase-not-in-roadmap": ("phase-not-in-roadmap",),
    "footer-contradicts-header": ("footer-contradicts-header",),
    "gate-open": ("gate-open",),
    "parent-ticked-child-open": ("parent-ticked-early",),
    "skipped-tests-in-done-plan": ("skipped-tests-in-done-plan",),
}
"""Kind of a labelled problem → the codes of diagnostics that report it."""
LABELLED: dict[str, tuple[str, ...]] = {
    "openspec": (
        *("archived-with-open-tasks", "unknown-marker", "parent-done-child-open", "duplicate-id", "done-says-deferred"),
        *("missing-deliverable", "no-checkboxes", "no-tasks-file", "task-file-name", "dropped-line"),
    ),
    "kiro": (
        *("queued-marker", "parent-done-child-open", "parent-open-children-done", "missing-deliverable"),
        *("group-heading-without-box", "escaped-marker", "duplicate-id", "number-out-of-group", "unknown-requirement"),
        *("done-before-dependency", "done-says-deferred", "merge-conflict", "no-tasks-file"),
    ),
    "speckit": (
        *("deliverable-missing", "deliverable-moved", "no-task-ids", "duplicate-id", "double-checkbox"),
        *("id-out-of-order", "id-not-separated", "duplicate-feature-number", "unknown-dependency"),
    ),
    "superpowers": (
        *("no-checkboxes", "no-tasks", "boxes-untouched-but-files-exist", "step-inside-code-fence"),
        *("earlier-task-open", "task-not-heading", "status-contradicts-boxes"),
    ),
    "gsd": (
        *("plan-ticked-without-summary", "plan-open-with-summary", "phase-ticked-incomplete", "phase-open-complete"),
        *("progress-row-mismatch", "roadmap-contradicts-itself", "state-count-mismatch", "gaps-found-but-complete"),
        *("verdict-contradicts-itself", "unknown-verdict", "verification-name", "summary-without-plan"),
        *("non-canonical-plan-name", "plan-name-without-number", "phase-level-summary", "duplicate-phase-directory"),
        *("wave-mismatch", "phase-not-in-roadmap", "unknown-dependency"),
    ),
    "featureplanner": (
        *("status-contradicts-boxes", "footer-contradicts-header", "gate-open", "duplicate-id"),
        *("parent-ticked-child-open", "deliverable-missing", "deliverable-moved", "skipped-tests-in-done-plan"),
    ),
}
"""Format → the kinds of problems that its labels list. Other diagnostics are neither right nor false."""
WORKED_ON = frozenset({"implement_task", "continue_task", "reconcile", "execute_plan"})
OF_MANY_FILES = frozenset({"gsd"})
"""The formats whose labels name the document of each problem."""
Place = tuple[str, int | None]
"""The place of an item: its document, "" if all items of its plan are in one, and its line."""


class Workspace(NamedTuple):
    """A workspace of the corpus: the texts of its documents by path, and the paths of all files."""

    texts: Mapping[str, str]
    files: frozenset[str]


class Score(NamedTuple):
    """The comparison of a workspace: how many of each kind were compared, and a line for each mismatch."""

    compared: Counter[str]
    mismatches: Mapping[str, list[str]]


def load(folder: Path) -> Workspace:
    """Return a workspace of the corpus; the paths of `files.txt` are files without text."""
    texts = {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "files.txt" and path.suffix in (".md", ".json")
    }
    listed = (folder / "files.txt").read_text(encoding="utf-8").splitlines()
    return Workspace(texts, frozenset(line.strip() for line in listed if line.strip()) | frozenset(texts))


def read(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    """Return the plans of a format in a workspace as JSON objects, each with its diagnostics."""
    chosen = format_named(name)
    return [_plan(chosen, given.site, given) for given in inputs(workspace, name)]


def inputs(workspace: Workspace, name: str) -> Iterator[PlanInput]:
    """Yield the input of each plan of a format in a workspace."""
    chosen = format_named(name)
    owned = sorted(path for path in workspace.files if chosen.role_of(path))
    documents = {path: _document(chosen, path, workspace.texts[path]) for path in owned if path in workspace.texts}
    folders = {str(parent) for path in workspace.files for parent in PurePosixPath(path).parents}
    by_name: dict[str, list[str]] = {}
    for path in sorted(workspace.files):
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    counted = [path for path in owned if path not in documents or chosen.counts(documents[path])]
    for site in chosen.discover([path for path in counted if path in documents or not path.endswith(".md")]):
        yield PlanInput(
            site,
            {path: documents[path] for path in site.documents if path in documents},
            lambda path: path in workspace.files or path.rstrip("/") in folders,
            lambda _: False,
            lambda file_name: by_name.get(file_name, []),
            lambda path: workspace.texts.get(path, ""),
        )


def _document(chosen: Format, path: str, text: str) -> FormatDocument:
    role = chosen.role_of(path)
    assert role is not None
    facts = chosen.parse(path, role, text)
    packed: Any = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=chosen.facts)
    assert packed == facts, f"{path}: the facts do not survive storing"
    return FormatDocument(path, chosen.name, role, packed)


def _plan(chosen: Format, site: PlanSite, given: PlanInput) -> dict[str, Any]:
    state = chosen.evaluate(given)
    plan: dict[str, Any] = msgspec.to_builtins(state)
    plan["folder"] = site.folder
    plan["diagnostics"] = [msgspec.to_builtins(found) for found in chosen.check(given, state)]
    return plan


def write(workspace: Workspace, folder: Path) -> None:
    """Write a workspace to the disk; a path without a text becomes an empty file, unless it is a Markdown file.

    A path that is also a folder of other paths, such as a submodule, stays a folder.
    """
    folders = {str(parent) for path in workspace.files for parent in PurePosixPath(path).parents}
    for path in sorted(workspace.files - folders):
        if path in workspace.texts or not path.endswith(".md"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(workspace.texts.get(path, "").encode())


def from_output(status: Mapping[str, Any], check: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the plans of a format from the output of `planmark status --json --all` and `planmark check --json`."""
    found = [dict(plan) for workspace in status["workspaces"] for plan in workspace["plans"] if plan["format"] == name]
    folders = {
        plan["path"].rpartition("/")[0] if plan["path"].endswith(".md") else plan["path"]: plan for plan in found
    }
    for plan in found:
        plan["diagnostics"] = []
    for one in check["diagnostics"]:
        places = [str(parent) for parent in PurePosixPath(one["path"]).parents]
        plan = next((folders[place] for place in places if place in folders), None)
        if plan:
            plan["diagnostics"].append({**one, "line": one["range"]["start"]["line"]})
    return found


def score(name: str, expected: Mapping[str, Any], plans: Sequence[Mapping[str, Any]]) -> Score:
    """Compare plans with the labels of their workspace."""
    result = Score(Counter(), {})
    found = {plan["path"]: plan for plan in plans}
    for labelled in expected["plans"]:
        result.compared["plans"] += 1
        plan = found.pop(labelled["tasks_file"] or labelled["path"], None) or found.pop(labelled["path"], None)
        if plan is None:
            _miss(result, "plans", f"{labelled['path']} is not found")
            continue
        _compare_plan(result, name, labelled, plan)
    for path in found:
        _miss(result, "plans", f"{path} is invented")
    _compare_problems(result, name, {"problems": expected.get("problems", [])}, None)
    return result


def _miss(result: Score, kind: str, text: str) -> None:
    dict_of: Any = result.mismatches
    dict_of.setdefault(kind, []).append(text)


def _check(result: Score, kind: str, where: str, wanted: Any, seen: Any, also: Iterable[Any] = ()) -> None:
    result.compared[kind] += 1
    if seen != wanted and seen not in also:
        _miss(result, kind, f"{where}: {seen!r}, labelled {wanted!r}")


def _compare_plan(result: Score, name: str, labelled: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    path = labelled["path"]
    also = labelled.get("acceptable_lifecycle", ())
    _check(result, "lifecycle", path, labelled["lifecycle"], plan["lifecycle"], also)
    refs = {item["ref"]: item for item in plan["achievements"]}
    labels = {_place_of_label(labelled, task): task for task in labelled["tasks"]}
    in_files = any("file" in task for task in labelled["tasks"])
    seen: dict[Place, Mapping[str, Any]] = {
        (item["path"] if in_files else "", item["line"]): item for item in plan["achievements"]
    }
    for document, line in sorted(seen.keys() - labels.keys()):
        _miss(result, "task lines", f"{document or path}:{line} is no task")
    for place, task in labels.items():
        result.compared["task lines"] += 1
        where = f"{place[0] or path}:{place[1]}"
        item = seen.get(place)
        if item is None:
            _miss(result, "task lines", f"{where} is not found")
            continue
        _compare_task(result, where, task, item, refs)
    _compare_counts(result, labelled, plan)
    _compare_groups(result, labelled, plan)
    _compare_next(result, labelled, plan, refs)
    _compare_ready(result, labelled, plan, refs)
    _compare_problems(result, name, labelled, plan)


def _place_of_label(labelled: Mapping[str, Any], task: Mapping[str, Any]) -> Place:
    """Return where a labelled task is; without a PLAN, it is in its SUMMARY, else in the line that lists it."""
    if "file" not in task:
        return "", task["line"]
    if document := task["file"] or task["summary"]:
        return document, 1
    return labelled["tasks_file"], task["roadmap"]["line"]


def _compare_groups(result: Score, labelled: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    if "phases" not in labelled or not all("verification" in phase for phase in labelled["phases"]):
        return
    groups = {group["id"]: group for group in plan["groups"]}
    for name in sorted(groups.keys() - {phase["id"] for phase in labelled["phases"]}):
        _miss(result, "groups", f"{labelled['path']}: phase {name} is invented")
    for phase in labelled["phases"]:
        where, group = f"{labelled['path']} phase {phase['id']}", groups.get(phase["id"])
        result.compared["groups"] += 1
        if group is None:
            _miss(result, "groups", f"{where} is not found")
            continue
        _check(result, "group states", where, phase["state"], group["state"], phase.get("acceptable", ()))
        _check(result, "group blockers", where, phase["blocked_by"], list(group["blocked_by"]))
        _check(result, "verifications", where, phase["verification"] or "", group["verification"])
        if phase["line"]:
            _check(result, "group lines", where, phase["line"], group["line"])


def _compare_task(
    result: Score, where: str, task: Mapping[str, Any], item: Mapping[str, Any], refs: Mapping[str, Mapping[str, Any]]
) -> None:
    identity = None if task["id"] == f"L{task['line']}" else task["id"]
    _check(result, "ids", where, identity or "", item["id"])
    parent = refs[item["parent"]] if item["parent"] else None
    if "parent_line" in task:
        _check(result, "parents", where, task["parent_line"], parent and parent["line"])
    else:
        _check(result, "parents", where, task["parent"], parent and parent["id"])
    state = "done" if item["state"] == "unsupported" else item["state"]
    _check(result, "states", where, task["state"], state, task.get("acceptable", ()))
    _check(result, "levels", where, task["level"], item["level"])
    _check(result, "optional", where, task["optional"], item["optional"])
    _check(result, "parallel", where, task["parallel"], item["parallel"])
    _check(result, "depends_on", where, sorted(task["depends_on"]), sorted(item["depends_on"]))
    if "leaf" in task:
        _check(result, "leaves", where, task["leaf"], item["leaf"])
    if "listed_only" in task or "file" in task:
        _check(result, "listed", where, task.get("listed_only", False), item["listed"])
    if "blocked_by" in task and "file" in task:
        _check(result, "blocked_by", where, task["blocked_by"], list(item["blocked_by"]))
    if "marker" in task:
        _check(result, "markers", where, task["marker"], item["marker"])


def _compare_counts(result: Score, labelled: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    counts = plan["counts"]
    deferred = counts.get("deferred", 0)
    done = counts.get("done", 0) + counts.get("unsupported", 0)
    total = sum(counts.values())
    wanted = labelled["counts"]
    if "deferred" in wanted and "optional" not in wanted:
        _check(result, "counts", labelled["path"], wanted, {"done": done, "total": total, "deferred": deferred})
    else:
        right = {key: wanted[key] for key in ("done", "total")}
        apart = {key: wanted[key] for key in ("deferred", "optional") if key in wanted}
        seen = {key: plan["progress"][key] for key in apart}
        _check(result, "counts", labelled["path"], right | apart, {"done": done, "total": total - deferred} | seen)


def _name(item: Mapping[str, Any]) -> str:
    return item["id"] or f"L{item['line']}"


def _compare_next(
    result: Score, labelled: Mapping[str, Any], plan: Mapping[str, Any], refs: Mapping[str, Mapping[str, Any]]
) -> None:
    step, wanted = plan["next"], labelled["next"]
    item = refs.get(step["ref"]) if step["ref"] and step["step"] in WORKED_ON else None
    if "line" in wanted:
        seen = item and item["line"]
        also = [other["line"] for other in refs.values() if _name(other) in wanted.get("acceptable", ())]
        _check(result, "next", labelled["path"], wanted["line"], seen, also)
    else:
        also = wanted.get("acceptable", ())
        also = () if isinstance(also, str) else also
        _check(result, "next", labelled["path"], wanted["task"], item and _name(item), also)
    if "action" in wanted:
        _check(result, "actions", labelled["path"], wanted["action"].replace("-", "_"), step["step"])
        _check(result, "actions", labelled["path"], wanted.get("phase"), step["group"])


def _compare_ready(
    result: Score, labelled: Mapping[str, Any], plan: Mapping[str, Any], refs: Mapping[str, Mapping[str, Any]]
) -> None:
    seen = {_name(refs[other["achievement"]]) for other in plan["also_ready"]}
    wanted = set(labelled.get("also_ready", ()))
    allowed = wanted | set(labelled.get("also_ready_acceptable", ()))
    result.compared["also_ready"] += 1
    if not (seen <= allowed and (wanted <= seen or len(seen) >= 10)):
        _miss(result, "also_ready", f"{labelled['path']}: {sorted(seen)}, labelled {sorted(wanted)}")


def _compare_problems(result: Score, name: str, labelled: Mapping[str, Any], plan: Mapping[str, Any] | None) -> None:
    path = labelled.get("path", "the workspace")
    judged = {code for kind in LABELLED[name] for code in KINDS[kind]}
    seen = [found for found in (plan["diagnostics"] if plan else ()) if found["code"] in judged]
    for problem in labelled["problems"]:
        codes = KINDS[problem["kind"]]
        result.compared["problems found"] += 1
        match = next((one for one in seen if one["code"] in codes and _is_at(name, problem, one)), None)
        if match:
            seen.remove(match)
        elif not problem.get("ignored_by_git"):
            _miss(result, "problems found", f"{path}:{problem['line']} {problem['kind']} is not found")
    for one in seen:
        _miss(result, "false problems", f"{one['path']}:{one['line']} {one['code']}: {one['message']}")


def _is_at(name: str, problem: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether a problem was found at its place. In a format of many files, line 1 stands for a whole file."""
    path = problem.get("path") if name in OF_MANY_FILES else None
    if path and found["path"] != path:
        return not problem["line"] and found["path"].startswith(f"{path}/")
    return not problem["line"] or problem["line"] == found["line"] or (path is not None and problem["line"] == 1)


def score_folder(folder: Path, name: str) -> Score:
    """Read a workspace of the corpus in a format, and compare it with its labels."""
    expected = json.loads(folder.with_name(f"{folder.name}.expected.json").read_text(encoding="utf-8"))
    return score(name, expected, read(load(folder), name))


def added(scores: Iterable[Score]) -> Score:
    """Return several scores as one."""
    total = Score(Counter(), {})
    for one in scores:
        total.compared.update(one.compared)
        for kind, texts in one.mismatches.items():
            for text in texts:
                _miss(total, kind, text)
    return total


def summary(total: Score) -> str:
    """Return a table of a score: kind, right, and compared."""
    kinds = [*total.compared, *(kind for kind in total.mismatches if kind not in total.compared)]
    rows = [
        f"{kind:15} {total.compared[kind] - len(total.mismatches.get(kind, ())):5} of {total.compared[kind]:5}"
        if total.compared[kind]
        else f"{kind:15} {len(total.mismatches[kind]):5}"
        for kind in kinds
    ]
    return "\n".join(rows)
