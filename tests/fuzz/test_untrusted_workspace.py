"""An untrusted workspace: its templates and settings run nothing, read nothing of the user and do not hang."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest

from conftest import EXAMPLES
from fixture import write_files
from lsp_client import LocalClient
from planmark.prompts.prompt import Prompt
from planmark.prompts.sandbox_worker import sandbox_environment
from planmark.queries.next import prompt_of
from planmark.queries.workspace_view import View, build_view
from planmark.run.agent_process import ProgramMissingError, passed_variables, program_path
from planmark.run.agents import (
    CONFIG_VARIABLE,
    AgentFileError,
    agent_file_path,
    command_of,
    parse_agent_file,
    read_agent_file,
)
from planmark.workspace import template_files
from planmark.workspace.index import Index
from planmark.workspace.settings import SETTINGS, load_settings

PLAN = "# PLAN: X\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n"
OWN = "own/create_subplan.md.j2"
SETTINGS_FILE = '[prompts]\ntemplates = "own"\n'
SECRET = "s3cret-value"


def seen(root: Path, files: dict[str, str]) -> View:
    write_files(root, {"plans/X/PLAN_X.md": PLAN, **files})
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def prompt(root: Path, template: str) -> Prompt:
    view = seen(root, {"planmark.toml": SETTINGS_FILE, OWN: template})
    return prompt_of(view, view.snapshot.plans[0])


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ''['__class__'] }}",
    "{{ [''] | map(attribute='__class__') | list }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__['os'] }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{{ lipsum['__globals__'] }}",
    "{{ range.__self__ }}",
    "{{ dict.mro() }}",
    "{{ dict.__base__.__subclasses__() }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(self) }}",
    "{{ '{0.__class__}'|format(title) }}{{ '{x.__class__}'.format_map({'x': title}) }}",
    "{{ ''.format.__self__.__class__ }}",
    "{% set f = '{0.__class__}'.format %}{{ f(title) }}",
    "{{ [title, 'format'] | map('attr', '__class__') | list }}",
    "{{ (title|string|list).__class__ }}",
    "{{ ().__class__.__bases__[0] }}",
    "{{ (1).__class__.__base__ }}",
    "{{ loop.__init__ }}",
    "{% for x in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}{{ m._func.__globals__ }}",
    "{% call(x) cycler('a').__init__() %}{% endcall %}",
    "{{ caller.__globals__ }}",
    "{{ writes.append('x') }}",
    "{{ counts.update({'approved': 9}) }}",
    "{{ environ }}{{ os }}{{ open('/etc/passwd').read() }}",
    "{{ request }}{{ config }}{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{% import os %}",
    "{% import 'os' as os %}{{ os.environ }}",
    "{% from 'planmark/prompts/sandbox_worker.py' import MAX_CPU_SECONDS %}",
    "{% include '/etc/passwd' %}",
    "{% include '../secret.md.j2' %}",
    "{% include '..\\\\secret.md.j2' %}",
    "{% include 'C:\\\\secret.md.j2' %}",
    "{% include ['../secret.md.j2', '/etc/hosts'] %}",
    "{% include '../../prompts/render.py' %}",
    "{% include 'file:///etc/passwd' %}",
    "{% extends '../../../../etc/passwd' %}",
    "{% do title.__class__ %}",
    "{{ debug() }}{% debug %}",
    "{{ gettext.__globals__ }}",
    "{{ title.encode.__self__.__class__.__base__.__subclasses__() }}",
    "{{ (title ~ '').join.__self__ | attr('__' ~ 'class__') }}",
    "{{ dict(__class__=1).__class__ }}",
    "{{ title | pprint | attr('__class__') }}",
    "{{ [title] | groupby('__class__') }}",
    "{{ [title] | sort(attribute='__class__') }}",
    "{{ [title] | sum(attribute='__class__.__base__', start='') }}",
    "{{ [title] | selectattr('__class__') | list }}",
    "{{ title | xmlattr }}",
]
"""Known ways out of Jinja2's sandbox, now or in the past."""

ENDLESS = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(100000000) %}x{% endfor %}",
    "{{ range(99999999999) | list }}",
    "{{ 'x' * 10**12 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ (10 ** 10 ** 7) | string | length }}",
    "{{ 'x' | center(10**12) }}",
    "{{ '%999999999999d' % 1 }}",
    "{{ '{:>999999999999}'.format('x') }}",
    "{{ lipsum(n=10**9) }}",
    "{{ 'x' | indent(10**12) }}",
    "{{ ['x'] | batch(10**12, 'y') | list }}",
    "{{ [1] * 10**12 }}",
    "{{ ('a' * 50000) | wordwrap(1) | wordwrap(1) | replace('a', 'b' * 90000) | length }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'create_subplan.md.j2' %}",
    "{% extends 'create_subplan.md.j2' %}",
    "{% set ns = namespace(x='x') %}{% for a in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x|length }}",
    "{% for a in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "{{ ((('a' * 5000) ~ 'b') | urlize) * 9999 }}",
    "{{ " + "(" * 200 + "1" + ")" * 200 + " }}",
    "{{ " + "-" * 90_000 + "1 }}",
    "{% if x %}" * 5000,
    "{{ [" + "[" * 40_000,
]
"""Templates that would take all time or all memory."""


@pytest.mark.parametrize("template", ESCAPES)
def test_no_template_gets_out_of_the_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: str) -> None:
    """Check that the template fails or shows no secret, and that it leaves its input unchanged.

    The template runs without its usual subprocess, which `tests/process/test_templates.py` tests.
    """
    monkeypatch.setenv("SECRET_TOKEN", SECRET)
    (tmp_path / "secret.md.j2").write_text(SECRET, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    given = {"title": "A", "writes": ["x"], "counts": {"approved": 0}}
    try:
        said = (
            sandbox_environment({"create_subplan.md.j2": template + "{{ title }}"}, [])
            .get_template("create_subplan.md.j2")
            .render(given)
        )
    except (jinja2.TemplateError, RecursionError, TypeError, KeyError, ValueError, AttributeError) as error:
        said = f"{error}"
    assert given == {"title": "A", "writes": ["x"], "counts": {"approved": 0}}
    assert not any(
        word in said for word in (SECRET, "root:", "<class", "<built-in", "subclasses at", "environ({", "import ")
    )
    assert "PATH" not in said and "uid=" not in said


@pytest.mark.parametrize("template", ENDLESS if EXAMPLES else ENDLESS[::4], ids=lambda text: text[:40])
def test_no_template_takes_for_ever(tmp_path: Path, template: str) -> None:
    """Render a part of the templates in the usual run, because each costs seconds.

    The prompt exists in any case. `run_with_limits` gives a template at most five seconds, including the start of its
    process.
    """
    found = prompt(tmp_path, template)
    assert found.prompt.endswith("\n") and len(found.prompt) < template_files.MAX_OUTPUT_BYTES + 1000


def test_more_templates_than_there_are_steps_are_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, {f"own/_{n:04}.md.j2": "x" for n in range(500)})
    assert len(template_files.read_templates(tmp_path.resolve(), "own")) == template_files.MAX_FILES


def loaded(root: Path, values: dict[str, Any]) -> list[str]:
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    write_files(root, {"plans/X/PLAN_X.md": PLAN, "planmark.toml": "\n".join(lines) + "\n"})
    return lines


def test_no_setting_of_a_workspace_starts_a_program_or_opens_a_port(
    local: LocalClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Give every setting a value that would start a program or open a port, and watch what the server does."""
    started: list[Any] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **_: started.append(args))
    monkeypatch.setattr(socket.socket, "bind", lambda _, address: started.append(address))
    monkeypatch.setattr("os.system", started.append)
    with socket.socket() as free:
        free.listen()
        port = free.getsockname()[1]
    hostile: dict[str, Any] = {setting.key: "$(touch /tmp/x)" for setting in SETTINGS}
    loaded(tmp_path, hostile | {"metrics.port": port, "trace.server": "verbose", "roles.designer": "`id`"})
    local.begin([tmp_path])
    uri = local.open(tmp_path / "plans/X/PLAN_X.md")
    assert local.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert local.request("planmark/nextPrompt")["prompt"]
    assert started == []
    with socket.socket() as client:
        client.settimeout(1)
        assert client.connect_ex(("127.0.0.1", port)) != 0
    local.close()


@pytest.mark.parametrize(
    ("key", "value", "least", "most"),
    [
        ("index.processes", 100_000, 0, 64),
        ("index.processes", -1, 0, 64),
        ("files.maxBytes", 10**15, 1, 100_000_000),
        ("files.maxBytes", -5, 1, 100_000_000),
        ("index.maxFiles", 10**15, 1, 10_000_000),
    ],
)
def test_a_limit_is_not_lifted_by_the_workspace_that_it_is_for(
    tmp_path: Path, key: str, value: int, least: int, most: int
) -> None:
    loaded(tmp_path, {key: value})
    settings = load_settings(tmp_path)
    assert least <= settings[key] <= most
    (warning,) = settings.warnings
    assert key in warning.message


COSTLY = ["*a" * 100 + "b", "**/a/" * 100 + "b", "*?" * 300, "**/*a" * 60 + "/b", "*[ab]" * 60 + "c"]
"""Patterns with more stars than a backtracking comparison can finish."""


@pytest.mark.parametrize("pattern", COSTLY)
@pytest.mark.parametrize("key", ["files.exclude", "files.include", "lifecycle", "diagnostics.ignore"])
def test_a_pattern_of_the_settings_with_many_stars_is_compared(tmp_path: Path, key: str, pattern: str) -> None:
    shown = json.dumps(pattern)
    values = {
        "files.exclude": f"[{shown}]",
        "files.include": f"[{shown}]",
        "lifecycle": f"{{paused = [{shown}]}}",
        "diagnostics.ignore": f'{{{shown} = ["*"]}}',
    }
    found = seen(
        tmp_path, {"planmark.toml": f"{key} = {values[key]}\n", f"plans/{'a' * 200}/PLAN_{'A' * 200}.md": PLAN}
    )
    assert not any(key in finding.message for finding in found.diagnostics)
    assert len(found.snapshot.plans) == 2


@pytest.mark.parametrize("pattern", COSTLY)
def test_a_pattern_of_an_ignore_file_with_many_stars_is_compared(tmp_path: Path, pattern: str) -> None:
    found = seen(
        tmp_path,
        {".gitignore": f"{pattern}\nother/\n", "other/PLAN_OTHER.md": PLAN, f"plans/PLAN_{'A' * 200}.md": PLAN},
    )
    assert not any(finding.code == "file-unreadable" for finding in found.diagnostics)
    assert [files.feature for files in found.snapshot.plans] == ["A" * 200, "X"]


@pytest.mark.skipif(sys.platform == "win32", reason="a long path needs a setting there")
@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a" * 1_000_000,
        "[" * 1000 + "a",
        ".".join("a" * 50_000) + " = 1",
        'a = "' + "\\" * 99_999,
    ],
)
def test_a_file_of_settings_that_would_not_end_is_refused(tmp_path: Path, text: str) -> None:
    found = seen(tmp_path, {"planmark.toml": text})
    assert any("cannot be read" in finding.message or "unknown key" in finding.message for finding in found.diagnostics)


PROGRAM = '[agents.claude]\ncommand = ["sh", "-c", "touch /tmp/x"]\n'
PLACES = [
    "agents.toml",
    "planmark.toml",
    ".planmark/agents.toml",
    ".config/planmark/agents.toml",
    "planmark/agents.toml",
    "work-space/agents.toml",
]
"""Files in which a workspace may try to name a program."""


@pytest.mark.parametrize("place", PLACES)
def test_no_file_of_a_workspace_names_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Check that the user's file is the same wherever the command runs, and that a workspace's file is refused."""
    root, home = tmp_path / "workspace", tmp_path / "home"
    write_files(root, {place: PROGRAM, "plans/X/PLAN_X.md": PLAN})
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", CONFIG_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(root)
    path = agent_file_path()
    assert path.is_relative_to(home)
    with pytest.raises(AgentFileError, match="does not exist"):
        read_agent_file(path, root)
    with pytest.raises(AgentFileError, match="is inside the workspace"):
        read_agent_file(root / place, root)
    monkeypatch.setenv(CONFIG_VARIABLE, str((root / place).parent))
    with pytest.raises(AgentFileError, match="is inside the workspace"):
        read_agent_file(agent_file_path(), root)


def test_no_setting_of_a_workspace_is_one_of_an_agent() -> None:
    """Check that no setting has a name under which a program, its arguments or its environment could be given."""
    words = {"command", "argv", "args", "env", "program", "shell", "agents", "resume"}
    assert not [setting.key for setting in SETTINGS if words & {*setting.key.lower().split(".")}]


@pytest.mark.parametrize(
    "text", ["; touch /tmp/x", "$(id)", "`id`", "a\nb", "--dangerously-skip", "{model}", "{prompt}", "", "\0"]
)
def test_no_text_of_a_workspace_changes_the_program_or_the_number_of_arguments(text: str) -> None:
    entry = '[agents.a]\nprompt = "argument"\ncommand = ["agent", "{lease}", "--in={worktree}", "{prompt}", "--end"]\n'
    program = parse_agent_file(entry, Path("agents.toml")).agents["a"]
    values = {"lease": text, "worktree": text, "prompt": text}
    assert command_of(program, values) == ("agent", text, f"--in={text}", text, "--end")


def test_no_program_of_a_workspace_takes_the_place_of_an_agent(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    write_files(root, {"bin/claude": "#!/bin/sh\ntouch /tmp/x\n"})
    (root / "bin" / "claude").chmod(0o755)
    for path in ("bin", "", ".", f"{root}/bin", str(root / "bin" / ".." / "bin")):
        with pytest.raises(ProgramMissingError):
            program_path("claude", {"PATH": path}, root)
    with pytest.raises(ProgramMissingError):
        program_path(str(root / "bin" / "claude"), {"PATH": ""}, root)
    own = tmp_path / "own"
    write_files(own, {"claude": "#!/bin/sh\n"})
    (own / "claude").chmod(0o755)
    assert program_path("claude", {"PATH": f"bin:{root}/none:{own}"}, root) == str(own / "claude")


def test_only_named_variables_reach_an_agent() -> None:
    environment = {"PATH": "/usr/bin", "LD_PRELOAD": "/other.so", "PYTHONPATH": "/other", "PLANMARK_CACHE": "/cache"}
    assert passed_variables(("PATH", "ANTHROPIC_*"), environment) == {"PATH": "/usr/bin", "PLANMARK_CACHE": "/cache"}
