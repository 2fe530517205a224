"""Find links of Markdown files that lead nowhere."""
