"""A command that cannot do what it was asked."""

__all__ = ["CONFIGURATION", "Failure"]

CONFIGURATION = 2
"""The exit status for a configuration or command line that is wrong."""


class Failure(Exception):
    """What to tell the operator, and the exit status."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
