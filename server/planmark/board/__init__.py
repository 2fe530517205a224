"""The board: a server on loopback that shows the plans of a workspace in a browser."""
