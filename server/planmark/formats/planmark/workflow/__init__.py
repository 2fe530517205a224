"""States, next steps, claims and dependencies of plans, derived from a snapshot."""
