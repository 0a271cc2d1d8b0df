"""The `[budget]` table: what callers may use in a minute, or everything that is wrong with it."""

import tomllib
from pathlib import Path

import pytest

from gateway.config import Outside
from gateway.config.budget import read_budget
from gateway.rates.options import Budget

RANGE = "it must be at least 1 and at most 1000000000"


def read(text: str) -> tuple[Budget | None, list[str]]:
    """The table with these lines, and every mistake as the operator reads it."""
    given: object = tomllib.loads(text).get("budget", {})
    budget, problems = read_budget(given, Outside(Path("/nowhere"), {}))
    return budget, list(map(str, problems))


def test_every_key_arrives() -> None:
    """What is written in the table is what the record holds; without it nothing is set, and limits are kept."""
    written = '[budget]\nrequests = 60\ncost = 600\ncost_per_request = 100\nmode = "measure"'

    assert read(written) == (Budget(requests=60, cost=600, cost_per_request=100, mode="measure"), [])
    assert read("") == (Budget(), [])
    assert Budget().mode == "enforce"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("budget = 5", ["budget: it must be a table; begin it with [budget]"]),
        (
            '[budget]\nrequests = 0\ncost = -1\ncost_per_request = 1_000_000_001\nmode = "on"\nrequest = 1',
            [
                "budget: request: unknown key; did you mean 'requests'?",
                f"budget: requests: found 0; {RANGE}",
                f"budget: cost: found -1; {RANGE}",
                f"budget: cost_per_request: found 1000000001; {RANGE}",
                "budget: mode: found 'on'; it must be 'enforce' or 'measure' or 'off'",
            ],
        ),
        ("[budget]\nrequests = 1.5", ["budget: requests: found 1.5; it must be a whole number"]),
    ],
)
def test_mistakes(text: str, told: list[str]) -> None:
    """What was found and what is allowed, for every key at once."""
    assert read(text)[1] == told
