"""The `[budget]` table: what each caller may use in a minute."""

from gateway.config.outside import Outside
from gateway.config.problem import Problem
from gateway.config.rules import Rule, between
from gateway.config.table import read_table
from gateway.rates.options import Budget

__all__ = ["MOST", "read_budget"]

MOST = 1_000_000_000
"""Of anything in a minute."""

RULES: dict[str, Rule] = {
    "requests": between(1, MOST),
    "cost": between(1, MOST),
    "cost_per_request": between(1, MOST),
}


def read_budget(given: object, outside: Outside) -> tuple[Budget | None, list[Problem]]:
    """What callers may use, or what is wrong with it."""
    if not isinstance(given, dict):
        return None, [Problem("budget", "it must be a table; begin it with [budget]")]
    return read_table(Budget, "budget", given, outside, RULES)
