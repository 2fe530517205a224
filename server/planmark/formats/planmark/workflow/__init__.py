"""States, next steps, claims and dependencies, derived from a snapshot."""
