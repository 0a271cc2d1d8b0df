"""Execution that gives a caller no more than his scopes allow."""
