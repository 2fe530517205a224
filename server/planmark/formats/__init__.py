"""Plan formats beside the methodology: one folder per format, and the reader that the checkbox formats share."""
