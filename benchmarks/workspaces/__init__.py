"""Generated workspaces: deterministic from a seed, spelled like real ones, with known answers."""
