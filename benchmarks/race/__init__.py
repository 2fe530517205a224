"""Who runs in the race, and how each is started."""
