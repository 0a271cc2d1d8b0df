"""The two forms of time: aware UTC datetimes outside, whole seconds since 1970 inside the world."""

from datetime import UTC, datetime

__all__ = ["moment", "seconds"]


def moment(at: int) -> datetime:
    """Seconds since 1970 as an aware UTC datetime."""
    return datetime.fromtimestamp(at, UTC)


def seconds(at: datetime) -> int:
    """An aware datetime as whole seconds since 1970."""
    return int(at.timestamp() // 1)
