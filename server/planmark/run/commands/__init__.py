"""The commands for runs and work trees. Each command has one file."""
