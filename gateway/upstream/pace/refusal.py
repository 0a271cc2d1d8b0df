"""What who gets no turn is told."""

from schema.errors import RateLimited

__all__ = ["NoTurn"]


class NoTurn(RateLimited):
    """Refused here, in the account's own queue: its provider was not asked, and nothing is wrong with it."""
