"""The examples GraphiQL opens with: examples/*.graphql, one tab each, and variables that fit today."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from graphql import NonNullTypeNode, OperationDefinitionNode, parse

from schema.ids import encode_id

__all__ = ["EXAMPLES", "SAMPLE_ICCID", "SAMPLE_SIM", "ExampleTab", "example_tabs"]

EXAMPLES = Path(__file__).parent / "examples"
# 89 telecom, 47 Norway: well-formed with a valid check digit, and nobody's.
SAMPLE_ICCID = "8947000000000000004"
SAMPLE_SIM = encode_id("account", "Sim", SAMPLE_ICCID)
"""The id of a SIM, well-formed and nobody's too."""


class ExampleTab(TypedDict):
    """One tab: the document, and values for the variables it declares."""

    query: str
    variables: dict[str, str]


def example_tabs(now: datetime, iccid: str = SAMPLE_ICCID, sim: str = SAMPLE_SIM) -> list[ExampleTab]:
    """Every example in file order, with the ICCID of a SIM to ask about and the id of one to change; `since` and
    `until` are the UTC month that `now` lies in."""
    values = month(now) | {"iccid": iccid, "sim": sim}
    queries = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.graphql"))]
    return [ExampleTab(query=query, variables=_chosen(query, values)) for query in queries]


def month(now: datetime) -> dict[str, str]:
    """The first moment of `now`'s UTC month and of the next one, as RFC 3339 text."""
    here = now.astimezone(UTC)
    since = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = since.replace(year=here.year + here.month // 12, month=here.month % 12 + 1)
    return {"since": f"{since:%Y-%m-%dT%H:%M:%SZ}", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}


def _chosen(query: str, values: dict[str, str]) -> dict[str, str]:
    """The values of the variables a document cannot do without."""
    operations = [node for node in parse(query).definitions if isinstance(node, OperationDefinitionNode)]
    variables = [variable for operation in operations for variable in operation.variable_definitions or ()]
    return {
        variable.variable.name.value: values[variable.variable.name.value]
        for variable in variables
        if isinstance(variable.type, NonNullTypeNode) and variable.default_value is None
    }
