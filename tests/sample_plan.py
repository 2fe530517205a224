"""A small workspace: one PLAN with two achievements."""

from __future__ import annotations

PLAN = "work-space/plans/PAY/PLAN_PAY.md"
FEEDBACKS = "work-space/plans/PAY/execution/feedbacks"
TEXT = """# PLAN: Payments

**Status**: In Progress

## 📋 Achievement Index

- Achievement 1.1: Refunds
- Achievement 1.2: Receipts

## Priority 1

**Achievement 1.1**: Refunds

- Effort: 2 hours

**Achievement 1.2**: Receipts

- **Dependencies**: 1.1

## Goal

Money goes both ways.

## Current Status & Handoff

Nothing yet.
"""
