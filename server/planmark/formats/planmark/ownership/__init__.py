"""Which files are plans of the methodology, and which documents belong to each."""
