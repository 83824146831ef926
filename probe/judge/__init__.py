"""The judging half: pure functions from evidence and catalog to meaning. Knows no network."""
