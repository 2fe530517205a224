"""Templates of a workspace: each goes before the built-in one where it can be used, and can do nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fixture import write_files
from planmark.answers.next import prompt_of
from planmark.answers.view import view_of
from planmark.prompts.environment import environment
from planmark.prompts.prompt import Prompt
from planmark.workspace import templates
from planmark.workspace.index import Index

FILES = {
    "PLAN_X.md": "**Achievement 1.1**: A\n\n- Success: it works\n",
    "planmark.toml": '[prompts]\ntemplates = "own"\n',
}


def prompt(root: Path, files: dict[str, str]) -> Prompt:
    write_files(root, {**FILES, **files})
    index = Index(root)
    view = view_of(index.refresh(), index.reader(), exists=index.exists)
    return prompt_of(view, view.snapshot.plans[0])


def test_one_template_goes_before_the_built_in_one(tmp_path: Path) -> None:
    own = '{% extends "_base.md.j2" %}\n{% block task %}Draw it first: {{ title }}, {{ writes[0] }}{% endblock %}\n'
    found = prompt(tmp_path, {"own/create_subplan.md.j2": own})
    assert "Draw it first: A, subplans/SUBPLAN_X_11.md" in found.prompt
    assert "> - Success: it works" in found.prompt
    assert found.notes == ()


def test_the_base_of_all_can_be_replaced(tmp_path: Path) -> None:
    found = prompt(tmp_path, {"own/_base.md.j2": "BASE {{ role }} {% block done %}{% endblock %}"})
    assert found.prompt.startswith("BASE designer")
    assert "you write no EXECUTION_TASK" in found.prompt


def test_the_built_in_templates_give_the_same_in_the_worker(tmp_path: Path) -> None:
    """What a template sees does not depend on where it is rendered."""
    built_in = environment().loader.get_source(environment(), "create_subplan.md.j2")[0]  # type: ignore[union-attr]
    own = prompt(tmp_path / "own", {"own/create_subplan.md.j2": built_in})
    plain = prompt(tmp_path / "plain", {"own/README": "x"})
    assert own.prompt == plain.prompt


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ title.__class__ }}", "SecurityError"),
        ('{{ lipsum.__globals__["os"].environ }}', "SecurityError"),
        ('{% include "/etc/passwd" %}', "no template"),
        ('{% include "../../secret.md.j2" %}', "no template"),
        ('{% include "create_subplan.md.j2" %}', "RecursionError"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "seconds"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
    ],
    ids=lambda value: value[:30],
)
def test_what_fails_is_noted_and_the_built_in_one_is_used(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "secret.md.j2").write_text("SECRET", encoding="utf-8")
    found = prompt(tmp_path / "w", {"own/create_subplan.md.j2": text})
    (note,) = found.notes
    assert says in note and "own/create_subplan.md.j2" in note
    assert "Design how this achievement will be reached" in found.prompt


@pytest.mark.skipif(sys.platform == "win32", reason="memory of a process is bounded by POSIX limits")
def test_a_template_that_grows_is_stopped(tmp_path: Path) -> None:
    found = prompt(tmp_path, {"own/create_subplan.md.j2": '{{ "x" * 999999999 }}'})
    assert "MemoryError" in found.notes[0] or "memory" in found.notes[0]


def test_it_sees_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    text = (
        "{% for name in ['environ', 'os', 'request', 'config', 'self'] %}{{ name }}{% endfor %}{{ namespace(a=1).a }}"
    )
    assert "s3cret" not in prompt(tmp_path, {"own/create_subplan.md.j2": text}).prompt


@pytest.mark.parametrize(
    ("folder", "files", "says"),
    [
        ("../out", {}, "outside the workspace"),
        ("none", {}, "cannot be read"),
        ("own", {"own/creat_subplan.md.j2": "x"}, "did you mean create_subplan.md.j2?"),
        ("own", {"own/wait.md.j2": "x" * 100_001}, "larger than"),
        ("own", {"own/wait.md.j2": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}"}, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_a_finding(tmp_path: Path, folder: str, files: dict[str, str], says: str) -> None:
    root = tmp_path / "w"
    (tmp_path / "out").mkdir()
    write_files(root, {**FILES, **files, "planmark.toml": f'[prompts]\ntemplates = "{folder}"\n'})
    index = Index(root)
    view = view_of(index.refresh(), index.reader())
    (finding,) = [d for d in view.diagnostics if d.code == "template-broken"]
    assert says in finding.message
    assert prompt_of(view, view.snapshot.plans[0]).notes == ()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_workspace_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET", encoding="utf-8")
    (tmp_path / "w" / "own").mkdir(parents=True)
    (tmp_path / "w" / "own" / "create_subplan.md.j2").symlink_to(tmp_path / "secret")
    assert "SECRET" not in prompt(tmp_path / "w", {}).prompt


def test_without_own_templates_no_process_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates.subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert prompt(tmp_path, {"own/wait.md.j2": "x"}).notes == ()
