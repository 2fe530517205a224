"""The completion of command lines: which words are possible, and how each shell reads and writes them."""
