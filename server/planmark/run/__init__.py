"""The runs of agents: agents do the steps of plans, each in its own work tree, under a supervisor."""
