"""Generated workspaces: deterministic from a seed, spelled as real ones, with the answers known."""
