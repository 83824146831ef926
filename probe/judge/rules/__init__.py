"""The diagnosis rules, small and named, in the order of precedence."""
