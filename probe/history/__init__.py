"""Past runs: kept whole, and asked what they say. See `store` for the way in."""
