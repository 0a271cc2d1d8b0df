"""A mistake in gateway.toml: where it is, what was found, what is allowed. Never a secret's value."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["ConfigError", "Problem"]


@dataclass(frozen=True)
class Problem:
    """`place` is a table, e.g. `accounts[2] "fleet-eu"` (the second `[[accounts]]`), or the file itself."""

    place: str
    message: str
    key: str | None = None

    def __str__(self) -> str:
        where = self.place if self.key is None else f"{self.place}: {self.key}"
        return f"{where}: {self.message}"


class ConfigError(Exception):
    """Every mistake of a configuration; one line each as text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
