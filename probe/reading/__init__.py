"""Bytes to evidence: what a body is, masked, before anything judges it."""
