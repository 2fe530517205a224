"""Editor features for the documents of the methodology."""
