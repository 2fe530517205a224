"""Spellings of real documents: tables of observed shapes, from which the generated documents are made."""

from __future__ import annotations

STATES = (
    "approved",
    "needs_fix",
    "fix_resolved",
    "design_placeholder",
    "execution_blocked",
    "active_execution",
    "next_execution",
    "awaiting_review",
    "no_execution",
    "blocked",
    "no_subplan",
)
FEATURES = ("PAY", "SEARCH-2", "X", "LLM-V2-BACKLOG", "7-DAYS", "MAIL")
FOLDERS = (
    "work-space/plans/{}",
    "work-space/plans/a_paused/{}",
    "work-space/backlog-plans/{}",
    "{}",
    "docs/deep/er/{}",
)
TITLES = (
    "Refunds",
    "Index built",
    "Audit Completed Early",
    "Search (fast)",
    "A `code` title",
    "Done Right",
    "Größe & Maß",
)
DAYS = ("2026-03-0{}", "March {}, 2026", "{} March 2026", "Mar {}, 2026", "2026/03/0{}")

DONE = (
    ("✅ Complete", ""),
    ("✅ **COMPLETE**", ""),
    ("Complete ✅", ""),
    ("Implementation Complete", ""),
    ("In Progress", "## 🎉 Summary\n\n**Final Status**: ✅ COMPLETE - all of it\n"),
    ("📋 Ready for Execution", "## ✅ Completion Status\n\n- [x] one\n- [X] two\n"),
    ("🎯 Executing", "## Completion Checklist\n\n- all of it\n\n**Overall**: ✅ **COMPLETE**\n"),
    ("In Progress", "## ✅ Achievement Complete\n"),
    ("", "**EXECUTION_TASK Status**: Done\n"),
)
OPEN = (
    ("In Progress", ""),
    ("📋 Ready for Execution", "## Completion Checklist\n\n- [x] one\n- [ ] two\n"),
    ("🎯 Executing", "The work is ✅ Complete in part.\n"),
    ("", ""),
    ("Phases 1-4 Complete", ""),
    ("In Progress (no longer blocked)", ""),
    ("In Progress (Abandoned)", ""),
    ("🎯 Executing", "## Completion Checklist\n\n- [ ] later\n\n**Overall**: ✅ **COMPLETE**\n"),
    ("⏳ In Progress", "```\n**Status**: ✅ Complete\n```\n"),
)
BLOCKED = (
    ("⏸️ BLOCKED - no data", ""),
    ("✅ Phase 1 Complete (Unit Tests), Blocked on Data", ""),
    ("In Progress", "**Final Status**: Blocked, the server is missing\n"),
    ("✅ Complete", "**Status**: In Progress – blocked by the reviewer\n"),
)
ABANDONED = (("Abandoned", ""), ("❌ ABANDONED - see the next one", ""), ("Superseded by 02", ""), ("Cancelled", ""))
TRAPS = (
    "",
    "### Iteration 1\n\n**Status**: [In Progress / Complete]\n\n---\n\n",
    "### Iteration 1\n\n**Status**: ✅ Complete\n\n**Result**: it works\n\n---\n\n",
    "### Iteration 1\n\n**Status**: Blocked\n\n### Iteration 2\n\n**Status**: ✅ Complete\n\n## 📚 Learning Summary\n\n- much\n\n",
)
PARENTS = ("**Mother Plan**: PLAN_{}.md", "**Plan**: {}", "**Parent PLAN**: `PLAN_{}`", "**PLAN**: PLAN\\_{}.md")
NAMED = (
    "**Achievement**: {}",
    "**Achievement Addressed**: Achievement {} (Title)",
    "**Achievement Number**: {} - Title",
)
DESIGNS = (
    "## 🎯 Objective\n\nDo it.\n\n## 📝 Approach\n\n1. So.\n",
    "## Objective & Approach\n\nDo it so.\n",
    "## 🎯 Objective\n\n[TBD]\n\n## 🗺️ Detailed Approach\n\nStep by step.\n",
    "# SUBPLAN\n\n## 1. 🎯 Goal\n\n- do it\n",
)
UNDESIGNED = (
    "## 🎯 Objective\n\n[TO BE FILLED: what]\n",
    "## 🎯 Objective\n\nDo it.\n\n## Approach\n\n[TO BE FILLED]\n",
    "## 🎯 Objective\n\n[what]\n\n## 📝 Approach\n\n- [how]\n",
    "## Notes\n\nnothing yet\n",
)
PLANNED = (
    "**Execution Count**: Multiple ({} sequential phases)\n",
    "## 🔄 Active EXECUTION_TASKs (Updated When Created)\n\n| EXECUTION | Status |\n| --- | --- |\n{rows}",
    "## Planned Executions\n\n| Execution | What |\n|---|---|\n{rows}",
)
SHAPES = (
    "**Achievement {}**: {}",
    "**Achievement {}: {}** ⏱️ 2 hours",
    "### Achievement {}: {}",
    "#### **Achievement {}**: {}",
)
INDEXED = (
    "- Achievement {}: {}",
    "- **Achievement {}**: {}",
    "- [ ] Achievement {}: {}",
    "**Achievement {}**: {} (4h)",
)
NOISE = (
    "- ⏳ Achievement {}: soon",
    "1. **Achievement {}** is where we begin",
    "| Achievement {} | planned |",
    "- **Achievement {}**: tracked",
    "> **Achievement {}**: quoted ✅",
    "```\n**Achievement {}**: ✅ Complete\n```",
    "Text about Achievement {}, which is ✅ good.",
)
TICKED = (
    "- ✅ Achievement {}: it",
    "- [x] **Achievement {}**: it",
    "- Achievement {} - it - Complete",
    "✅ **Achievement {}** (COMPLETE)",
)
KINDS_OF_NOTES = (
    ("EXECUTION_ANALYSIS_{}", "analyses"),
    ("EXECUTION_ANALYSIS_{}", "analyses/process"),
    ("EXECUTION_DEBUG_{}", "debug-logs"),
    ("EXECUTION_CASE-STUDY_{}", "case-studies"),
    ("EXECUTION_OBSERVATION_{}_2026-03-01", "observations"),
    ("EXECUTION_REVIEW_{}", "reviews"),
    ("GRAMMAPLAN_{}", "grammaplans"),
    ("NORTH_STAR_{}", "north-stars"),
    ("SESSION-SUMMARY-{}", "knowledge"),
    ("GUIDE-{}", "knowledge"),
)
"""Pattern of a note's name, and the folder of the note."""
REFERENCES = ("`{}`", "see {}", "@{}", "`work-space/plans/{}`", "**{}** says more")
"""Ways in which documents name each other."""
