"""Finds out, by asking, what a SaaS plan lets its API tokens do."""

__version__ = "0.1.0"
