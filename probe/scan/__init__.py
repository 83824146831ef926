"""The asking half: what to ask, how, and within which limits. Knows the network, not the meaning."""
