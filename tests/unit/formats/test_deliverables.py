"""The files that the words of a task say it creates, in several languages; and paths that are not the result of a task."""

from __future__ import annotations

import pytest

from planmark.formats.checkbox.deliverables import created_paths, existing_replacement
from unit.formats.plan_files import plans


@pytest.mark.parametrize(
    "title",
    [
        "Create the new file `src/a/b.ts`",
        "**Create** `src/a/b.ts`",
        "**Backend**: create `src/a/b.ts`",
        "[Setup] Create src/a/b.ts",
        "New file: `src/a/b.ts`",
        "Set up the bundler in `src/a/b.ts`",
        "Develop the page in src/a/b.ts",
        "Add unit tests in src/a/b.ts",
        "Create remove.ts helper in `src/a/b.ts`",
        "Implement the delete endpoint in src/a/b.ts",
        "Crear archivo `src/a/b.ts`",
        "Criar modelo em src/a/b.ts",
        "Créer le module dans src/a/b.ts",
        "Datei `src/a/b.ts` anlegen",
        "Creare il file `src/a/b.ts`",
        "Создать файл `src/a/b.ts`",
        "إنشاء ملف `src/a/b.ts`",
        "编写测试 `src/a/b.ts`",
        "在src/a/b.ts中实现登录",
        "src/a/b.tsを作成",
        "`src/a/b.ts` 파일 생성",
    ],
)
def test_files_to_create(title: str) -> None:
    assert created_paths(title) == ("src/a/b.ts",)


@pytest.mark.parametrize(
    "title",
    [
        "Add a route to `src/a/b.ts`",
        "Add a field to User in src/a/b.ts",
        "Implement the parser described in `docs/a/b.md`",
        "Create tests for `src/a/b.ts`",
        "Create `src/a/b.ts` (later moved to `src/c/b.ts`)",
        "Create `src/a/b.ts` if it does not exist",
        "Create `path/to/file.ts`",
        "Create `src/[Entity]Service/x.ts`",
        "Create `src/[Name].tsx`",
        "Create `logs/YYYY-MM/a.md`",
        "Create `migrations/NNNN_users.sql`",
        "Create `@scope/pkg/index.js`",
        "Create `~/.config/a.json`",
        "Create `../other/a.ts`",
        "Create `config/.env.local`",
        "Create example.com/a.html",
        "Create `src/a/*.ts`",
        "Add Next.js/React.js support",
        "Create `user.name/user.email`",
        "Add v1.0/v2.x support",
        "Implement TCP/IP.v6",
    ],
)
def test_paths_that_are_not_created(title: str) -> None:
    assert created_paths(title) == ()


@pytest.mark.parametrize(
    ("wanted", "there", "instead"),
    [
        ("src/x.js", "src/x.ts", "src/x.ts"),
        ("src/x.js", "app/src/x.mjs", "app/src/x.mjs"),
        ("x.jsx", "x.tsx", "x.tsx"),
        ("src/x.js", "lib/x.ts", ""),
        ("src/x.js", "other-src/x.ts", ""),
        ("src/x.js", "src/x.js", ""),
        ("src/x.py", "src/x.pyi", ""),
        ("src/js", "src/js.ts", ""),
    ],
)
def test_a_script_in_the_other_language_is_named(wanted: str, there: str, instead: str) -> None:
    def elsewhere(name: str) -> list[str]:
        return [there] if there.rpartition("/")[2] == name else []

    assert existing_replacement(wanted, elsewhere) == instead


PLAN = "docs/superpowers/plans/2026-01-01-x.md"


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("openspec", "openspec/changes/x/tasks.md", "- [x] 1.1 Create `src/x.js`\n"),
        ("kiro", ".kiro/specs/x/tasks.md", "- [x] 1. Create `src/x.js`\n"),
        ("speckit", "specs/001-x/tasks.md", "## Phase 1: Setup\n\n- [x] T001 Create src/x.js\n"),
        (
            "superpowers",
            PLAN,
            "# X Implementation Plan\n\n### Task 1: X\n\n- Create: `src/x.js`\n\n- [x] **Step 1: Go**\n",
        ),
        (
            "featureplanner",
            "docs/plans/PLAN_x.md",
            "# Implementation Plan: X\n\n### Phase 1: X\n\n- [x] **Task 1.1**: Go\n  - File: `src/x.js`\n",
        ),
    ],
)
def test_a_missing_script_stays_missing_and_the_message_names_its_twin(name: str, path: str, text: str) -> None:
    (found,) = plans(name, {path: text}, ["src/x.mjs"])[path].found("deliverable-missing")
    assert "`src/x.js`" in found.message
    assert "`src/x.mjs` exists" in found.message
    (alone,) = plans(name, {path: text})[path].found("deliverable-missing")
    assert "exists)" not in alone.message
