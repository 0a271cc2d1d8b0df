"""How many things one request may be given: what keeps one question from taking the gateway away from everybody."""

from collections.abc import Sequence
from typing import TypeVar

from schema.connection import Connection
from schema.context import Answers
from schema.errors import GatewayError, Invalid

__all__ = ["MAX_THINGS", "MAX_VALUES", "Allowance"]

T = TypeVar("T")

MAX_THINGS = 10_000
"""Rows of all lists of one request together."""
MAX_VALUES = 200_000
"""Values in all these rows, as many in each as there may be in one. Making an answer of them takes a second or so of
the one event loop."""


class Allowance:
    """Counts what lists hand out in one request, and refuses what is beyond the limit: once that has happened, all that
    is not empty. `weight` is what may be told of a row: its fields, those with fields in them as several."""

    def __init__(self, weight: int = 1) -> None:
        self._weight = weight
        self._limit = max(1, min(MAX_THINGS, MAX_VALUES // max(1, weight)))
        self._left = self._limit
        self._is_over = False

    def look(self) -> None:
        """Raises Invalid where something was refused already, so that nothing more need be read."""
        if self._is_over:
            raise self._refusal()

    def page(self, connection: Connection[T]) -> Connection[T]:
        """The page, counted. Raises Invalid beyond the limit."""
        self.count(len(connection.edges))
        return connection

    def all(self, answers: Answers[T]) -> Answers[T]:
        """Each answer counted, and an error in the place of each that is beyond the limit."""
        return [self._counted(answer) for answer in answers]

    def count(self, rows: int) -> None:
        """So many more. Raises Invalid beyond the limit."""
        if rows > self._left:
            self._left, self._is_over = 0, True
            raise self._refusal()
        self._left -= rows

    def _counted(self, answer: T | GatewayError | None) -> T | GatewayError | None:
        rows: Sequence[object] = ()
        if isinstance(answer, Connection):
            rows = answer.edges
        elif isinstance(answer, list):
            rows = answer
        try:
            self.count(len(rows))
        except Invalid as error:
            return error
        return answer

    def _refusal(self) -> Invalid:
        why = "" if self._limit == MAX_THINGS else f" where what is told of each weighs {self._weight} of {MAX_VALUES}"
        return Invalid(
            f"the lists of one request may give {self._limit} things together{why}; ask for fewer at once, "
            "or for less of each"
        )
