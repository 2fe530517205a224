"""The command line: the frame that runs a command; `commands` holds the commands."""
