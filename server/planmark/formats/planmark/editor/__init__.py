"""What editors show of the documents of the methodology."""
