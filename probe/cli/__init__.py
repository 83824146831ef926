"""The command line: one module per command, nothing but arguments, progress and exit codes."""
