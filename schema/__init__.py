"""The vocabulary and the questions: Strawberry types that are also the domain model. Imports nothing of the gateway."""

from functools import cache

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema import command, event, lifecycle, node, session, usage
from schema import fleet as fleet_module
from schema.account import Account
from schema.marking import RequiresScopes, mark
from schema.mutation import Mutation
from schema.query import NODE_TYPES, Query
from schema.scalars import SCALARS
from schema.sim import Sim

__all__ = ["build_schema", "sdl", "strawberry_schema"]

# Types that point back at Sim or Account name them as text; whoever decodes a type by its annotations needs the names.
for module in (command, event, fleet_module, lifecycle, node, session, usage):
    module.Sim = Sim  # type: ignore[attr-defined]  # bound late, on purpose
    module.Account = Account  # type: ignore[attr-defined]


def strawberry_schema() -> strawberry.Schema:
    """The schema as Strawberry has it: with the Python side of every type, and with what each field takes."""
    built = strawberry.Schema(
        Query,
        mutation=Mutation,
        types=[*NODE_TYPES.values(), RequiresScopes],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    mark(built._schema)  # the only way to it
    return built


@cache
def build_schema() -> GraphQLSchema:
    """The schema as it is executed, the same one each time. Requests are run on it by the gateway itself: Strawberry's
    own `execute` picks the first of several operations where the specification wants an error, and logs what callers
    did wrong."""
    return strawberry_schema()._schema  # the only way to it


def sdl() -> str:
    """The schema in GraphQL's own language, as kept in schema/schema.graphql."""
    return strawberry_schema().as_str() + "\n"
