"""The command line: the code that runs any command. The package `commands` holds the commands."""
