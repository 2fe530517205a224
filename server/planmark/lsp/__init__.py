"""The language server: decodes requests, calls the editor functions, and encodes their results."""
