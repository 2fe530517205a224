"""What an editor shows and does, as plain data: positions are 0-based, columns count code points, ends are exclusive."""
