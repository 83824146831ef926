"""The `schedule` room: renders a file for a scheduler from a configuration. See `render`."""
