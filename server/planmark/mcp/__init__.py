"""The tools for agents, over the Model Context Protocol: the same results as the command line, as text for a model."""
