"""The examples: said to a person, and valid."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from gateway.graphiql.tabs import EXAMPLES, example_tabs, month

SDL = Path("schema", "schema.graphql")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.graphql")), ids=lambda path: path.stem)
def test_an_example_explains_itself(path: Path) -> None:
    """It starts by saying what it shows, is one named operation, and fits beside the toolbar of a laptop's screen."""
    text = path.read_text()
    operations = [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]

    assert text.startswith("# ")
    assert [operation.name is not None for operation in operations] == [True]
    assert max(map(len, text.splitlines())) <= 52


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.graphql")), ids=lambda path: path.stem)
def test_an_example_is_valid(path: Path) -> None:
    """The printed schema has every field, type and argument an example uses."""
    assert validate(build_schema(SDL.read_text()), parse(path.read_text())) == []


def test_every_example_can_be_run_as_it_opens() -> None:
    """Each variable an example cannot do without has a value."""
    tabs = example_tabs(datetime(2025, 2, 28, tzinfo=UTC), iccid="8947", sim="c2lt")
    variables = [tab["variables"] for tab in tabs]

    assert len(tabs) == len(list(EXAMPLES.iterdir())) >= 8
    assert {"iccid": "8947", "since": "2025-02-01T00:00:00Z", "until": "2025-03-01T00:00:00Z"} in variables
    assert variables.count({"sim": "c2lt"}) == 2


def test_december_ends_with_the_year() -> None:
    """The month after December is next year's January."""
    assert month(datetime(2025, 12, 31, 23, 59, tzinfo=UTC))["until"] == "2026-01-01T00:00:00Z"
