"""The commands. Each command is a module with the name of the command."""
