"""The files that the methodology lets a person write, and its answers beside states."""
