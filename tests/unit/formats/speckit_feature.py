"""A feature of spec-kit in memory, for the tests of its reader, its plans and any text."""

from __future__ import annotations

from planmark.formats.speckit import FORMAT
from planmark.formats.speckit.reading import TasksFacts
from planmark.plans.model import PlanState
from unit.formats.format_workspace import FormatWorkspace

FOLDER = "specs/001-shop"
TASKS = f"{FOLDER}/tasks.md"
STORIES = """# Tasks: Shop

## Phase 1: Setup (Shared Infrastructure)

**Purpose**: begin

- [{a}] T001 Make the project
- [{b}] T002 [P] Add the linter

## Phase 2: Foundational (Blocking Prerequisites)

- [{c}] T003 Add the database

**Checkpoint**: Foundation ready

## Phase 3: User Story 1 - Buy (Priority: P1) 🎯 MVP

**Goal**: buy things

**Independent Test**: buy one

### Tests for User Story 1

- [{d}] T004 [P] [US1] Test it
- [{d}] T005 [P] [US1] Test more

### Implementation for User Story 1

- [{d}] T006 [P] [US1] Write it

## Phase 4: User Story 2 - Return (Priority: P2)

- [{e}] T007 [US2] Return it

## Phase 5: Polish

- [{f}] T008 Tidy up

## Dependencies

### Phase Dependencies

- Setup first
"""


def workspace(tasks: str, *others: str, **documents: str) -> FormatWorkspace:
    """Return a workspace with one feature; a document `spec` is its `spec.md`."""
    files = {TASKS: tasks, f"{FOLDER}/plan.md": "# Plan\n"}
    files |= {f"{FOLDER}/{name}.md": text for name, text in documents.items()}
    return FormatWorkspace(FORMAT, files, others)


def state(tasks: str, *others: str, **documents: str) -> PlanState:
    """Return the state of that feature."""
    return workspace(tasks, *others, **documents).state("001-shop")


def facts(tasks: str) -> TasksFacts:
    """Return what the reader finds in a `tasks.md`."""
    read = FORMAT.parse(TASKS, "tasks", tasks)
    assert isinstance(read, TasksFacts)
    return read
