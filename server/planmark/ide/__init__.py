"""The features of an editor as plain data. Positions are 0-based, columns count code points, and ends are exclusive."""
