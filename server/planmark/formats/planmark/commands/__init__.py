"""Functions that create files of the methodology, and functions that answer questions about its files."""
