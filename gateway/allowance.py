"""How many things one request may be given: what keeps one question from taking the gateway away from everybody."""

from collections.abc import Sequence
from typing import TypeVar

from schema.connection import Connection
from schema.context import Answers
from schema.errors import GatewayError, Invalid

__all__ = ["MAX_THINGS", "Allowance"]

T = TypeVar("T")

MAX_THINGS = 10_000
"""Rows of all lists of one request together. Making an answer of them takes a second or so of the one event loop."""


class Allowance:
    """Counts what lists hand out in one request, and refuses what is beyond the limit."""

    def __init__(self, limit: int = MAX_THINGS) -> None:
        self._limit = limit
        self._left = limit

    def page(self, connection: Connection[T]) -> Connection[T]:
        """The page, counted. Raises Invalid beyond the limit."""
        self._count(len(connection.edges))
        return connection

    def all(self, answers: Answers[T]) -> Answers[T]:
        """Each answer counted, and an error in the place of each that is beyond the limit."""
        return [self._counted(answer) for answer in answers]

    def _counted(self, answer: T | GatewayError | None) -> T | GatewayError | None:
        rows: Sequence[object] = ()
        if isinstance(answer, Connection):
            rows = answer.edges
        elif isinstance(answer, list):
            rows = answer
        try:
            self._count(len(rows))
        except Invalid as error:
            return error
        return answer

    def _count(self, rows: int) -> None:
        if rows > self._left:
            raise Invalid(f"the lists of one request may give {self._limit} things together; ask for fewer at once")
        self._left -= rows
