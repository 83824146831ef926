"""A small local imitation of a vendor, driven by the catalog: for the demo and the tests."""
