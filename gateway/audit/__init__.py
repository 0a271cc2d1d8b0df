"""The audit log: one line for each write, on disk before anybody is told of it."""
