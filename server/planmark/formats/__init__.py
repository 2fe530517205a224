"""Plan formats: one folder per format, and the reader that the checkbox formats share. The core finds the formats by
name.
"""
