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
