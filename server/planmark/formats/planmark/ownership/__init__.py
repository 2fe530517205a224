"""Assignment of files to plans of the methodology: which files are PLANs, and which documents belong to each plan."""
