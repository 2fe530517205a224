"""The reader that all checkbox formats share: lines, tasks and groups, states, and shared diagnostics."""
