"""The table of commands: the group of each command, and its effect in words. This module imports nothing."""

from __future__ import annotations

COMMAND_GROUPS: dict[str, dict[str, str]] = {
    "See": {
        "status": "the state of every plan; with a feature, of its achievements",
        "why": "how the state of an achievement was decided, rule by rule",
        "check": "the diagnostics of the workspace, and how to fix them",
        "graph": "achievements, dependencies and states as a graph",
        "report": "what was approved, what waits for whom, and what is wrong, as Markdown or HTML",
        "board": "the plans in a browser, live: board, plans, graph and history",
        "find": "documents and items by their properties and words",
    },
    "Work": {
        "next": "the next prompt, ready for an agent",
        "tick": "ticks the boxes of tasks, in formats that have boxes",
        "create": "the SUBPLAN or the next EXECUTION_TASK of an achievement",
        "verdict": "a reviewer's APPROVED or FIX file",
        "work": "a step for one agent in a git worktree of its own: the lease, the folder and the prompt",
        "finish": "checks, commits and integrates the work of a worktree, and ends its lease",
    },
    "Plans": {
        "new": "a PLAN for a new feature",
        "adopt": "the verdicts that a PLAN's own text claims, one by one",
        "drop": "marks an achievement in its PLAN as no longer wanted, with the reason",
        "close": "marks a complete plan as closed in its Status and handoff",
        "archive": "moves the folder of a closed plan to its archive, with every link to it",
        "pause": "marks a plan as paused in its Status",
        "resume": "makes a paused plan active again in its Status",
    },
    "Agents": {
        "connect": "tells a host of agents of these tools",
        "lease": "the leases of agents: `list`, `renew`, `release`, `steal`, `assign`",
        "run": "agents do the ready steps of a plan, each in a worktree of its own",
        "learn": "similar earlier work and known failures for an achievement or a text; what recurs",
    },
    "Set up": {
        "init": "the folders and the settings of a workspace",
        "demo": "copies the example workspace to a folder and walks through it",
        "doctor": "the installation and the workspace, with their problems",
        "help": "the commands in groups, the help of a command, or a topic such as `plan`",
        "completion": "a script that completes commands, plans and achievements in a shell",
        "serve": "the language server, for editors",
        "mcp": "the tools for agents, over the Model Context Protocol",
    },
    "Figures": {
        "budget": "what each prompt costs, against its budget and against reading whole documents",
        "metrics": "the durations of requests, prompts and commands, from the records in the cache folder",
        "profile": "the time of one cycle by stage, from reading to the prompt, cold and warm",
        "cache": "the data cached for the next process: `info`, or `clear`",
        "schema": "the JSON Schema of an output",
    },
}
"""Mapping from the title of a group to its commands: a mapping from the name of a command to its effect, in words.

The module of a command has the command's name and is in the folder `commands`. The exceptions are in `MODULES_OUTSIDE_CLI`
of `dispatch.py`.
"""
COMMANDS: dict[str, str] = {name: effect for commands in COMMAND_GROUPS.values() for name, effect in commands.items()}
"""Mapping from the name of a command to its effect, in the order of the groups."""
