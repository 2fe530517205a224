"""The files that a person can create with commands of the methodology, and its answers other than states."""
