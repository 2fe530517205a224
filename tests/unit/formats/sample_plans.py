"""Small plans of three formats, one for each step that can come next."""

from __future__ import annotations

CHANGES = "openspec/changes"
SPECS = ".kiro/specs"
FEATURES = "specs"

OPENSPEC: dict[str, str] = {
    "openspec/config.yaml": "schema: spec-driven\ncontext: |\n  Money is counted in cents.\n",
    f"{CHANGES}/add-tip-jar/proposal.md": """# Tip jar

## Why

Guests want to leave a tip when they pay by card, and the till has no field for it.

## What Changes

- A tip can be added before the card is read.
- The daily report shows tips apart from sales.

## Capabilities

- `tipping`: how a tip is entered and stored
""",
    f"{CHANGES}/add-tip-jar/design.md": """# Design

## Decisions

### D1: Store a tip as its own line

A tip is no product, so it has no tax. `ledger/tips.py` holds it.

### D2: Ask before the card is read

The terminal cannot change the amount afterwards.
""",
    f"{CHANGES}/add-tip-jar/specs/tipping/spec.md": """## ADDED Requirements

### Requirement: A tip is stored apart from the sale

The till SHALL store each tip as a line without tax.

#### Scenario: Tip by card

- **WHEN** a guest adds a tip of 200 cents
- **THEN** the sale keeps its amount and the tip is a line of 200 cents

### Requirement: The report shows tips

The daily report SHALL show the sum of the tips of each waiter.
""",
    f"{CHANGES}/add-tip-jar/tasks.md": """# Tasks

## 1. Storage

- [x] 1.1 Add the column `tip_cents` to the table of sales
- [ ] 1.2 Store a tip as its own line (D1), see `specs/tipping/spec.md`
  - The line has no tax.
  - Verify: `pytest tests/test_tips.py`
- [ ] 1.3 Show the field before the card is read (D2), depends on 1.2

## 2. Report

- [ ] 2.1 Sum up the tips of each waiter
  - [x] 2.1.1 Query the tips of a day
  - [ ] 2.1.2 Show the sums below the sales
""",
    f"{CHANGES}/rename-ledger/proposal.md": "# Rename the ledger\n\n## Why\n\nTwo things are called ledger.\n",
    f"{CHANGES}/split-receipt/proposal.md": "# Split a receipt\n\n## Why\n\nGuests at one table pay apart.\n",
    f"{CHANGES}/split-receipt/specs/receipts/spec.md": """## MODIFIED Requirements

### Requirement: A receipt can be split

The till SHALL split a receipt by seats.

#### Scenario: Two seats

- **WHEN** two guests pay apart
- **THEN** each gets a receipt with the own dishes
""",
    f"{CHANGES}/split-receipt/tasks.md": "## 1. Split\n\n- [x] 1.1 Split by seats\n- [x] 1.2 Print each part\n",
    f"{CHANGES}/export-sheet/proposal.md": "# Export a sheet\n\n## Why\n\nThe bookkeeper works with sheets.\n",
    f"{CHANGES}/export-sheet/tasks.md": "- [x] 1.1 Create `export/sheet_writer.py`\n",
    f"{CHANGES}/archive/2026-01-05-add-till/tasks.md": "- [x] 1.1 Open the till\n",
}
KIRO: dict[str, str] = {
    ".kiro/steering/tech.md": "# Technology\n\nPython 3.12, no framework.\n",
    ".kiro/steering/api.md": "---\ninclusion: fileMatch\nfileMatchPattern: 'api/*'\n---\n# API\n\nAnswers are JSON.\n",
    ".kiro/steering/notes.md": "---\ninclusion: manual\n---\n# Notes\n\nOnly on demand.\n",
    f"{SPECS}/coffee-club/requirements.md": """# Requirements Document

## Introduction

Members of the coffee club get every tenth cup for free.

## Requirements

### Requirement 1: Count cups

**User Story:** As a member, I want my cups counted, so that I know when one is free.

#### Acceptance Criteria

1. WHEN a member buys a cup THEN the system SHALL add one to the count.
2. WHEN the count is ten THEN the system SHALL set it to zero.

### Requirement 2: Free cup

**User Story:** As a member, I want my free cup at the till.

#### Acceptance Criteria

1. WHEN the count becomes ten THEN the till SHALL sell the cup for nothing.
2. WHILE the till has no network, the till SHALL keep the count
   until the network is back.
""",
    f"{SPECS}/coffee-club/design.md": """# Design Document

## Overview

A counter in `club/counter.py`, and a rule at the till.

## Correctness Properties

### Property 1: The count stays below ten

For any number of cups, the count is less than ten.

**Validates: Requirements 1.1, 1.2**
""",
    f"{SPECS}/coffee-club/spec.json": '{"phase": "tasks-generated", "approvals": {"tasks": {"approved": false}}}\n',
    f"{SPECS}/coffee-club/tasks.md": """# Implementation Plan

- [ ] 1. Count the cups
  - [x] 1.1 Store a count for each member
    - _Requirements: 1.1_
  - [ ] 1.2 Set the count to zero at ten
    - Count in `club/counter.py`, and answer in `api/counts.py`.
    - _Requirements: 1.1, 1.2, 2.2_
  - [ ]* 1.3 Write a property test
    - **Property 1: The count stays below ten**
    - **Validates: Requirements 1.1, 1.2**
- [ ] 2. Sell the tenth cup for nothing
  - _Requirements: 2.1_
  - _Depends: 1.2_
""",
    f"{SPECS}/night-mode/requirements.md": "### Requirement 1: Dark\n\n1. The screen SHALL be dark at night.\n",
    f"{SPECS}/night-mode/design.md": "# Design\n\n## Overview\n\nTwo palettes.\n",
    f"{SPECS}/night-mode/tasks.md": "- [-] 1. Write the dark palette\n  - _Requirements: 1.1_\n",
    f"{SPECS}/printer/design.md": "# Design\n\n## Overview\n\nA queue before the printer.\n",
    f"{SPECS}/stock/requirements.md": "# Requirements Document\n\n## Introduction\n\nWhat is left in the store.\n",
    f"{SPECS}/vouchers/requirements.md": "# Requirements\n\n### Requirement 1: Vouchers\n\n1. A voucher SHALL be used once.\n",
    f"{SPECS}/vouchers/design.md": "# Design\n\nA table of codes.\n",
    f"{SPECS}/done/tasks.md": "- [x] 1. Open the door\n- [ ]* 2. Ring a bell\n",
    f"{SPECS}/circle/tasks.md": "- [ ] 1. Boil\n  - _Depends: 2_\n- [ ] 2. Pour\n  - _Depends: 1_\n",
    f"{SPECS}/lost/tasks.md": "- [x] 1. Create `club/members.py`\n",
}
SPECKIT: dict[str, str] = {
    ".specify/memory/constitution.md": "# Constitution\n\n## Core Principles\n\n### I. Tests first\n\nNo code without a test.\n",
    f"{FEATURES}/001-lost-items/spec.md": """# Feature Specification: Lost items

## User Scenarios

### User Story 1 - Report an item (Priority: P1)

A guest reports what was left in the hall.

**Independent Test**: Report an umbrella and find it in the list.

**Acceptance Scenarios**:

1. **Given** an empty list, **When** a guest reports an umbrella, **Then** the list shows it.

### User Story 2 - Give it back (Priority: P2)

The porter gives an item back.

## Requirements

- **FR-001**: The hall MUST list each reported item with its day.
- **FR-002**: The porter MUST confirm that an item was given back,
  with the name of the owner.

## Success Criteria

- **SC-001**: A report takes less than a minute.
""",
    f"{FEATURES}/001-lost-items/plan.md": "# Plan\n\n## Summary\n\nA small web page.\n\n## Technical Context\n\nPython, SQLite.\n",
    f"{FEATURES}/001-lost-items/data-model.md": "# Data model\n\n## Item\n\n`LostItem` has a name, a day and a place.\n",
    f"{FEATURES}/001-lost-items/checklists/ux.md": "- [x] CHK001 Words are plain\n- [ ] CHK002 Colours differ\n",
    f"{FEATURES}/001-lost-items/tasks.md": """# Tasks: Lost items

## Phase 1: Setup

- [X] T001 Create the project in pyproject.toml

## Phase 2: User Story 1 - Report an item (Priority: P1)

**Goal**: A guest can report an item.

**Independent Test**: Report an umbrella.

- [X] T002 [P] [US1] Write the test in tests/test_report.py
- [ ] T003 [US1] Implement `LostItem` in hall/items.py for FR-001 (depends on T002)

**Checkpoint**: Reports work on their own.

## Phase 3: User Story 2 - Give it back (Priority: P2)

- [ ] T004 [US2] Implement giving back per FR-002 in hall/giving.py
""",
    f"{FEATURES}/002-keys/spec.md": "# Feature Specification: Keys\n\n- **FR-001**: [NEEDS CLARIFICATION: who holds keys?]\n",
    f"{FEATURES}/003-lamps/spec.md": "# Feature Specification: Lamps\n\n- **FR-001**: Lamps MUST go out at night.\n",
    f"{FEATURES}/003-lamps/plan.md": "# Plan\n\n## Summary\n\nA timer.\n",
    f"{FEATURES}/004-heating/tasks.md": "## Phase 1: Setup\n\n- [ ] T001 Create heat/a.py\n- [ ] T002 Create heat/b.py\n- [ ] T003 Create heat/c.py\n",
    "heat/a.py": "",
    "heat/b.py": "",
    "heat/c.py": "",
    f"{FEATURES}/005-doors/spec.md": "# Feature Specification: Doors\n\n- **FR-001**: Doors MUST close.\n",
    f"{FEATURES}/005-doors/quickstart.md": "# Quickstart\n\n1. Close a door.\n",
    f"{FEATURES}/005-doors/tasks.md": "- [X] T001 Close the doors\n",
    f"{FEATURES}/006-stairs/tasks.md": "- [X] T001 Create stairs/steps_of_oak.py\n",
    f"{FEATURES}/007-roof/tasks.md": """# Tasks: Roof

## T001: Tile the roof

Lay the tiles from the bottom.

**Acceptance**

- [x] No light comes through
- [ ] No water comes through

## T002: Paint the roof

- [ ] It is red
""",
}
SUPERPOWERS: dict[str, str] = {
    "docs/superpowers/plans/2026-03-02-tide-clock.md": """# Tide Clock Implementation Plan

> **For agentic workers:** REQUIRED SUB-SKILL: Use superpowers:executing-plans to implement this plan.

**Goal:** The clock shows the next high tide.

**Architecture:** A table of tides, and a page that reads it.

**Tech Stack:** Python, no framework

## Global Constraints

- Times are in UTC.

### Task 1: Read the table

**Files:**
- Create: `tide/table.py`
- Test: `tests/test_table.py`

**Interfaces:**
- Produces: `read_table() -> list[Tide]`, sorted by time

- [x] **Step 1: Write the test**
- [x] **Step 2: Read the table**

### Task 2: Show the next tide

**Files:**
- Create: `tide/page.py`
- Modify: `tide/main.py:3-9`

**Interfaces:**
- Consumes: `read_table()` of Task 1

- [x] **Step 1: Write the test**

Run: `pytest tests/test_page.py`
Expected: one failure

- [ ] **Step 2: Show the tide**
- [ ] **Step 3: Commit** `git commit -m "feat: show the next tide"`
""",
    "docs/superpowers/specs/2026-03-01-tide-clock-design.md": "# Tide clock\n\nThe page shows one time, in large digits.\n",
    "tide/table.py": "",
    "docs/superpowers/plans/2026-03-09-moon.md": """# Moon Implementation Plan

**Goal:** The clock shows the moon.

### Task 1: Phases

- Create: `moon/phases.py`
- Create: `moon/draw.py`

- [ ] **Step 1: Compute the phase**

### Task 2: Page

- Create: `moon/page.py`

- [ ] **Step 1: Draw it**
""",
    "moon/phases.py": "",
    "moon/draw.py": "",
    "moon/page.py": "",
    "docs/superpowers/plans/2026-03-10-ideas.md": "# Ideas\n\n**Goal:** Collect what may come next.\n",
    "docs/superpowers/plans/2026-03-11-wind.md": "# Wind Implementation Plan\n\n### Task 1: Read\n\n- Create: `wind/reader_of_gusts.py`\n\n- [x] **Step 1: Go**\n",
    "docs/superpowers/plans/2026-03-12-rain.md": "# Rain Implementation Plan\n\n### Task 1: Read\n\n- [x] **Step 1: Go**\n",
}
FEATUREPLANNER: dict[str, str] = {
    "docs/plans/PLAN_library.md": """# Implementation Plan: Library

**Status**: 🔄 In Progress
**Started**: 2026-03-02
**Last Updated**: 2026-03-04

## 📋 Overview

Readers borrow books without a card.

## 🏗️ Architecture Decisions

One table for loans.

## 🧪 Test Strategy

Unit tests for each rule.

### Phase 1: Loans

**Goal**: A book can be borrowed.
**Status**: ⏳ Pending

#### Tasks

**🔴 RED: Tests first**
- [x] **Test 1.1**: Test a loan
  - File: `tests/test_loan.py`
  - Expected: it fails

**🟢 GREEN: Code**
- [ ] **Task 1.2**: Store a loan
  - File: `library/loan.py`
  - Details:
    - [x] The day is stored
    - [ ] A lent book cannot be lent

#### Quality Gate ✋

- [ ] All tests pass
- [ ] The page was tried by hand

**Validation Commands**:

```bash
pytest
```

### Phase 2: Returns

**Goal**: A book comes back.

#### Tasks

- [ ] **Task 2.1**: Return a book

## Final Checklist

- [ ] Notes are written
""",
    "tests/test_loan.py": "",
    "docs/plans/PLAN_fees.md": "# Implementation Plan: Fees\n\n**Status**: ✅ Complete\n\n### Phase 1: Fees\n\n**Goal**: Late books cost.\n\n- [ ] **Task 1.1**: Compute\n",
    "docs/plans/PLAN_shelves.md": "# Implementation Plan: Shelves\n\n### Phase 1: Count\n\n**Goal**: Shelves are counted.\n",
    "docs/plans/PLAN_labels.md": "# Implementation Plan: Labels\n\n### Phase 1: Print\n\n- [x] **Task 1.1**: Print\n  - File: `labels/printer_of_spines.py`\n",
    "docs/plans/PLAN_doors.md": "# Implementation Plan: Doors\n\n### Phase 1: Open\n\n- [x] **Task 1.1**: Open\n\n## Final Checklist\n\n- [ ] Doors close\n",
}
SAMPLES = {
    "openspec": OPENSPEC,
    "kiro": KIRO,
    "speckit": SPECKIT,
    "superpowers": SUPERPOWERS,
    "featureplanner": FEATUREPLANNER,
}
"""Format → path → text."""

FOLDERS = {
    "openspec": f"{CHANGES}/add-tip-jar",
    "kiro": f"{SPECS}/coffee-club",
    "speckit": f"{FEATURES}/001-lost-items",
}
"""Format → the folder of its sample plan."""
