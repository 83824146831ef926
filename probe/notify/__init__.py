"""Messages about what a scan found: what is worth one, its words, and its delivery."""
