"""The command line: one file per command, each with `add` for its arguments and `run` for what it does."""
