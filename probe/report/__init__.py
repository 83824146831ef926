"""The report model and its formats, one module each."""
