"""Rules for agents that work on one plan at the same time."""
