"""Small plan files of our own to test with."""

from __future__ import annotations

SMALL = """\
# Billing: Implementation Plan

## Context Summary

We learned that invoices are made twice.

## Remediation Plan

### Phase 1: Foundation (MVP-Critical)

**Goal**: One invoice an order.

#### 1.1 Store keys

**Problem**: Keys are forgotten.

**Fix**: Keep them, as @alice said in #12.

**Files to modify**:
- `store.py` - the table

#### 1.2 Answer repeated keys

See [the guide](docs/guide.md).

### Phase 2: Paging

**Goal**: Lists are short.

#### 2.1 Page by cursor

Nothing to add.

## Priority Order

| Phase | Effort | Impact | Do When |
|-------|--------|--------|---------|
| 1.1 | 2 hours | High | Before release |

## Verification

### Phase 1 Verification

**Automated**:
- [ ] the tests pass
- [ ] the linter is quiet

**Manual**:
- [ ] the page opens

### Phase 2 Verification

**Automated**:
- [ ] paging shows each order once

## Open Questions

- [ ] Who answers the phone?
"""

MIRRORED = """\
# Notebook: Remediation Plan

## Phase 1: Storage (Days 1-2)

### 1.1 Create the package

Text of the first task.

### 1.2 Move the files

Text of the second task.

## Implementation Checklist

### Phase 1: Storage

- [ ] package is there
- [ ] files are moved
"""

SPECKIT = """\
# Tasks: Login

## Phase 1: Setup

- [ ] T001 Make the folder
- [ ] T002 [P] Make the file

## Phase 2: Core

- [ ] T003 Write it
"""

OPENSPEC = """\
# Tasks

## 1. Login

- [ ] 1.1 Build the form
- [ ] 1.2 Check the password

## 2. Logout

- [ ] 2.1 Add the button
"""

KIRO = """\
# Implementation Plan

- [ ] 1. Build the form
  - [ ] 1.1 Draw it
    - with care
  - [ ] 1.2 Test it
- [ ] 2. Ship
  - [ ] 2.1 Tell everyone
"""

SUPERPOWERS = """\
# Login Plan

### Task 1: Form

- [ ] **Step 1: Draw it**
- [ ] **Step 2: Test it**

### Task 2: Button

- [ ] **Step 1: Draw it**
"""

HUMANLAYER = """\
# Login Plan

## Phase 1: Form

### Changes Required:

#### 1. The form

Draw it.

### Success Criteria:

#### Automated Verification:

- [ ] tests pass

#### Manual Verification:

- [ ] it looks good
"""

GENERIC = """\
# Roadmap

## Phase 1: Form

- [ ] Draw it
- [ ] Test it

## Phase 2: Button

- [ ] Draw it
"""

BACKLOG = """\
---
id: task-7
title: Count the orders
status: To Do
---

## Acceptance Criteria
<!-- AC:BEGIN -->
- [ ] #1 They are counted
- [ ] #2 The count is shown
<!-- AC:END -->
"""

BY_PATH = {
    "specs/001-login/tasks.md": SPECKIT,
    "openspec/changes/login/tasks.md": OPENSPEC,
    ".kiro/specs/login/tasks.md": KIRO,
    "docs/superpowers/plans/login.md": SUPERPOWERS,
    "thoughts/shared/plans/login.md": HUMANLAYER,
    "ROADMAP.md": GENERIC,
    "backlog/tasks/task-7 - Count.md": BACKLOG,
}
