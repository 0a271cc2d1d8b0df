"""What makes a method one of the operations an adapter may override."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, TypeVar

from schema.errors import Unsupported

__all__ = ["NO_SUCH_OPERATION", "QUESTIONS", "WRITES", "Capable", "operation", "writing"]

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

QUESTIONS: list[str] = []
"""The names of the operations that ask, in the order of their declaration."""

WRITES: list[str] = []
"""The names of those that change something."""

NO_SUCH_OPERATION = "the provider's API has no such operation"


def operation(method: F) -> F:
    """Mark a question."""
    QUESTIONS.append(method.__name__)
    return method


def writing(method: F) -> F:
    """Mark a change: it is sent at most once."""
    WRITES.append(method.__name__)
    return method


class Capable:
    """The root of providers: what is left alone refuses."""

    notes: ClassVar[Mapping[str, str]] = {}
    """For `accounts { capabilities { note } }`: limits of an operation, or why there is none."""

    def lacks(self, name: str) -> Unsupported:
        """Why there is no such operation."""
        return Unsupported(self.notes.get(name, NO_SUCH_OPERATION))
