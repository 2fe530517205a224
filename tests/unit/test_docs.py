"""The names and defaults on the pages match the code."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from conftest import REPOSITORY
from planmark.cli.main import main
from planmark.diagnostics.codes import catalogue
from planmark.formats.checkbox.codes import SHARED_CODES
from planmark.lsp.handlers.registry import COMMANDS, OWN_NOTIFICATIONS, OWN_REQUESTS
from planmark.lsp.lsp_ext import NOTIFICATIONS_TO_CLIENT
from planmark.lsp.params import PlanParams
from planmark.workspace.settings import SETTINGS
from source_facts import facts_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = REPOSITORY / "docs"


def table(page: Path, heading: str) -> dict[str, str]:
    """Return the first two cells of every row of the first table under a heading."""
    section = page.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split(" | ") for line in section.split("\n") if line.startswith("| `")]
    return {cells[0].strip().strip("`"): cells[1].strip() for cells in rows}


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Commands", {name: command.effect for name, command in COMMANDS.items()}),
        ("Requests to the server", {method: handler.effect for method, handler in OWN_REQUESTS.items()}),
        ("Notifications to the server", {method: handler.effect for method, handler in OWN_NOTIFICATIONS.items()}),
        ("Notifications to the client", NOTIFICATIONS_TO_CLIENT),
    ],
)
def test_the_messages_are_documented(heading: str, names: dict[str, str]) -> None:
    documented = table(DOCS / "lsp-extensions.md", heading)
    assert {name: documented.get(name) for name in names} == names


def test_the_parameters_are_documented() -> None:
    documented = table(DOCS / "lsp-extensions.md", "Requests to the server").keys() - OWN_REQUESTS.keys()
    assert documented == {field.encode_name for field in msgspec.structs.fields(PlanParams)}


def test_every_check_has_a_page() -> None:
    listed = re.findall(
        r"^\| \[`([\w-]+)`\]\(\1\.md\) \| (\w+) \| (.*) \|$",
        (DOCS / "diagnostics" / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert listed == [tuple(check) for check in catalogue().values()]
    assert {page.stem for page in (DOCS / "diagnostics").glob("*.md")} == {"README", *catalogue()}


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_page_says_everything(code: str) -> None:
    page = (DOCS / "diagnostics" / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}\n")
    assert f"Default: **{catalogue()[code].severity}**" in page
    text = re.sub(r"^```.*?^```$", lambda code: code[0].replace("#", "-"), page, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Why", "Wrong", "Right", "What to do", "Configure"]
    assert all(len(part.strip()) > 10 for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])


def test_the_settings_are_documented() -> None:
    rows = re.findall(
        r"^\| `([\w.]+)` \| `(.*?)` \| (.*) \|$", (DOCS / "configuration.md").read_text("utf-8"), re.MULTILINE
    )
    documented = {key: (json.loads(default), means) for key, default, means in rows}
    assert documented == {setting.key: (setting.default, setting.means) for setting in SETTINGS}


@pytest.mark.parametrize("name", ["openspec", "speckit", "kiro", "gsd"])
def test_the_page_of_a_format_lists_its_codes(name: str) -> None:
    page = (DOCS / "formats" / f"{name}.md").read_text("utf-8")
    listed = re.findall(r"^\| \[`([\w-]+)`\]\(\.\./diagnostics/\1\.md\) \| (\w+)", page, re.MULTILINE)
    codes = {known.code: known for known in importlib.import_module(f"planmark.formats.{name}.codes").CODES}
    own = set(codes) - {known.code for known in SHARED_CODES}
    assert own <= {code for code, _ in listed} <= {*codes, *catalogue()}
    assert [code for code, severity in listed if code in own and codes[code].severity != severity] == []


def test_the_readme_shows_what_the_example_of_openspec_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = (REPOSITORY / "README.md").read_text("utf-8").partition("$ planmark demo --plan-format openspec")[2]
    steps = section.partition("```")[0].split("\n$ planmark ")[1:]
    assert len(steps) == 2
    root = shutil.copytree(REPOSITORY / "examples" / "openspec", tmp_path / "openspec")
    for step in steps:
        command, _, output = step.removesuffix("...\n").rstrip("\n").partition("\n")
        capsys.readouterr()
        assert main(["--workspace", str(root), *command.split()]) == 0
        assert capsys.readouterr().out.startswith(output)


def test_the_pages_link_to_each_other() -> None:
    broken = []
    for page in [REPOSITORY / "README.md", *REPOSITORY.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


@pytest.mark.parametrize("page", sorted((DOCS / "editors").glob("*.md")), ids=lambda page: page.stem)
def test_the_blocks_of_the_editors_pages_can_be_read(page: Path) -> None:
    """Parse JSON and TOML here; `tests/clients/` lets the editors load Lua and Lisp."""
    readers = {"json": json.loads, "toml": tomllib.loads}
    for language, block in re.findall(r"```(\w*)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        if language in readers:
            assert readers[language](block)
        assert language in {*readers, "", "lua", "elisp", "js", "rust"}
    assert "serve" in page.read_text(encoding="utf-8")


def test_every_cited_section_of_the_methodology_exists() -> None:
    headings = set(re.findall(r"^#+ §([\d.]+) ", (DOCS / "methodology.md").read_text("utf-8"), re.MULTILINE))
    sources = [*(REPOSITORY / "server").rglob("*.py"), *(REPOSITORY / "tests").rglob("*.py"), *DOCS.rglob("*.md")]
    cited = {
        (path.name, number) for path in sources for number in re.findall(r"§(\d[\d.]*\d|\d)", path.read_text("utf-8"))
    }
    assert cited, "nothing cites the methodology"
    assert not {place for place in cited if place[1] not in headings}


def test_every_step_of_a_walk_is_a_function() -> None:
    """Check that each `folder/module.py:name` of the architecture page is a function or method of that module."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    walked = re.findall(r"`([\w/]+\.py):(\w+)`", page)
    assert len(walked) > 30
    missing = []
    for module, name in walked:
        if name not in facts_of(REPOSITORY / "server" / "planmark" / module).functions:
            missing.append(f"{module}:{name}")
    assert missing == []


def test_the_code_map_names_every_folder_and_only_modules_that_exist() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    package = REPOSITORY / "server" / "planmark"
    rows = re.findall(r"^\| `([\w/]+)/` \| .* \| (`.*`) \|$", page, re.MULTILINE)
    named = {folder: re.findall(r"`([\w/]+\.py)`", modules) for folder, modules in rows}
    assert [
        f"{folder}/{module}"
        for folder in named
        for module in named[folder]
        if not (package / folder / module).is_file()
    ] == []
    folders = [path.parent for path in package.rglob("__init__.py") if path.parent != package]
    ours = {path.relative_to(package).as_posix() for path in folders}
    assert {folder for folder in ours if folder not in named} == {
        "cli/commands",
        "run/commands",
        "formats/planmark",
        *(folder for folder in ours if re.fullmatch(r"formats/(?!planmark)\w+", folder)),
    }


def test_the_pages_about_the_code_name_modules_that_exist() -> None:
    modules = [
        path.as_posix()
        for root in (
            "server",
            "tests",
            "benchmarks",
            ".ci",
            "plugins",
            "client-vscode/scripts",
            "client-vscode/bundled",
        )
        for path in (REPOSITORY / root).rglob("*.py")
    ]
    missing = [
        (page.name, name)
        for page in (DOCS / "architecture.md", *(DOCS / "internals").glob("*.md"))
        for name in re.findall(r"`([\w./-]+\.py)\b", page.read_text("utf-8"))
        if not any(module.endswith(f"/{name}") for module in modules)
    ]
    assert missing == []


def test_the_map_of_the_architecture_is_short() -> None:
    """Check the part before the internals: the overview, the entry points, the walks and the code map."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    assert page.partition("## Internals")[0].count("\n") <= 150


def test_a_walk_has_at_most_twelve_steps() -> None:
    page = (DOCS / "architecture.md").read_text("utf-8")
    walks = re.split(r"^### ", page.partition("## Three walks")[2].partition("\n## ")[0], flags=re.MULTILINE)[1:]
    assert [len(re.findall(r"^\d+\. ", walk, re.MULTILINE)) <= 12 for walk in walks] == [True] * 3


def test_the_guide_for_contributors_names_what_there_is() -> None:
    """Look up paths from the root, the server's package or a folder in the list, and the definition of each name."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    package = REPOSITORY / "server" / "planmark"
    roots = (REPOSITORY, package, package / "prompts", package / "lsp" / "handlers", REPOSITORY / "client-vscode")
    named = re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|json|j2)|(?:[\w.-]+/)+)(?::(\w+))?`", text)
    assert len(named) > 40
    missing = []
    for path, name in named:
        found = next((root / path for root in roots if (root / path).exists()), None)
        if found is None or (name and f"def {name}(" not in found.read_text("utf-8")):
            missing.append((path, name))
    assert missing == []
