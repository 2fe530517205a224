"""The language server: it decodes requests, calls the editor functions that answer them, and encodes their results."""
