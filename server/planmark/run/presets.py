"""Entries of agents for the user's own file.

Planmark only prints them. An entry becomes active when the user copies it into the file.
"""

from __future__ import annotations

from collections.abc import Mapping

CLAUDE = """\
# Claude Code. `-p` skips its question whether the folder is trusted: use it only where you trust the repository.
# The agent may run no shell command unless you name it: "--allowedTools", "mcp__planmark,Bash(pytest *)"
[agents.claude]
command = [
  "claude", "-p", "--output-format", "json", "--permission-mode", "acceptEdits", "--allowedTools", "mcp__planmark",
  "--strict-mcp-config", "--mcp-config", "{mcp}", "--model", "{model}", "--max-budget-usd", "{budget_usd}",
]
resume = ["--resume", "{session}"]
prompt = "stdin"
result = "claude-json"
roles = ["planner", "designer", "executor", "reviewer"]
models = { 1 = "haiku", 2 = "sonnet", 3 = "opus" }
timeout = "45m"
idle = "45m" # it prints nothing before its result, and may think for long before it changes a file
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "ANTHROPIC_*", "CLAUDE_*"]
max_parallel = 3
"""
CODEX = """\
# Codex. It gives no cost: with --max-cost it needs --max-tokens too.
[agents.codex]
command = ["codex", "exec", "--json", "-s", "workspace-write", "--skip-git-repo-check", "-m", "{model}", "-"]
prompt = "stdin"
result = "codex-jsonl"
roles = ["planner", "designer", "executor", "reviewer"]
timeout = "45m"
idle = "10m"
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "OPENAI_*", "CODEX_*"]
max_parallel = 3
"""
GEMINI = """\
# Gemini CLI. It gives no cost.
[agents.gemini]
command = ["gemini", "-p", "", "-o", "json", "--approval-mode", "auto_edit", "--skip-trust", "-m", "{model}"]
prompt = "stdin"
result = "gemini-json"
roles = ["planner", "designer", "executor", "reviewer"]
timeout = "45m"
idle = "45m" # it prints nothing before its result
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "GEMINI_*", "GOOGLE_*"]
max_parallel = 3
"""
OPENCODE = """\
# OpenCode.
[agents.opencode]
command = ["opencode", "run", "--format", "json", "--auto", "-m", "{model}", "--dir", "{worktree}"]
resume = ["--session", "{session}"]
prompt = "stdin"
result = "opencode-jsonl"
roles = ["planner", "designer", "executor", "reviewer"]
# models = { 1 = "anthropic/claude-haiku-4-5" }
timeout = "45m"
idle = "10m"
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "XDG_*", "OPENCODE_*", "ANTHROPIC_*", "OPENAI_*"]
max_parallel = 3
"""
COPILOT = """\
# Copilot CLI. It gives no tokens and no cost. Its output was not tried.
[agents.copilot]
command = ["copilot", "-p", "{prompt}", "--output-format", "json", "--allow-all-tools", "-s", "--model", "{model}"]
prompt = "argument"
result = "copilot-jsonl"
roles = ["planner", "designer", "executor", "reviewer"]
timeout = "45m"
idle = "10m"
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "XDG_*", "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_*"]
max_parallel = 1
"""
CURSOR = """\
# Cursor. Its output was not tried.
[agents.cursor]
command = [
  "cursor-agent", "-p", "--output-format", "stream-json", "--force", "--trust", "--model", "{model}", "{prompt}",
]
prompt = "argument"
result = "claude-json"
roles = ["planner", "designer", "executor", "reviewer"]
timeout = "45m"
idle = "10m"
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "CURSOR_*"]
max_parallel = 1
"""
AIDER = """\
# aider. It reports nothing but its exit code, and it uses no tools of Planmark.
[agents.aider]
command = ["aider", "--message-file", "{prompt}", "--yes-always", "--no-auto-commits", "--no-stream", "--model", "{model}"]
prompt = "file"
result = "exit"
roles = ["executor"]
timeout = "45m"
idle = "10m"
linger = "30s"
env = ["PATH", "HOME", "USER", "LANG", "LC_*", "TMPDIR", "ANTHROPIC_*", "OPENAI_*", "AIDER_*"]
max_parallel = 1
"""
PRESETS: Mapping[str, str] = {
    "claude": CLAUDE,
    "codex": CODEX,
    "gemini": GEMINI,
    "opencode": OPENCODE,
    "copilot": COPILOT,
    "cursor": CURSOR,
    "aider": AIDER,
}
"""Mapping from the name of an agent to its entry, as text for the user's file."""
