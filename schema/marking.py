"""What each field takes, shown in the schema itself: a directive, and a word where a field may be hidden."""

from copy import copy

import strawberry
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location

from schema.scopes import NEEDS, Needs, Scope

__all__ = ["RequiresScopes", "mark", "shown"]

ORDER = {scope: place for place, scope in enumerate(Scope)}
HIDDEN = f"Null without {Scope.PII_READ.value}, and then listed in `extensions.masked`."


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScopes",
    description="What a caller must be allowed for this field: every scope of any one of the lists. Without it the "
    "field is null, in a list with one FORBIDDEN error for all rows that names what is missing, and nothing is asked "
    "or done for it. Where only pii:read is missing, the field is null without an error, and the path of the field is "
    "in `extensions.masked`. A field without this directive is for any caller. `node` and `nodes` take what the kind "
    "of each id takes.",
)
class RequiresScopes:
    scopes: list[list[str]]


def shown(needs: Needs) -> list[list[str]]:
    """The scopes as a schema and a message write them, in the order of the scopes."""
    return [[each.value for each in sorted(choice, key=ORDER.__getitem__)] for choice in needs]


def mark(schema: GraphQLSchema) -> None:
    """Show on every field what it takes. Raises KeyError for a field of which that is not written down."""
    for each in schema.type_map.values():
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) and not each.name.startswith("__"):
            for name, field in each.fields.items():
                _mark(field, NEEDS[each.name, name])


def _mark(field: GraphQLField, needs: Needs) -> None:
    if not needs:
        return
    # The definition is shared by all types that inherit the field, and these do not take the same.
    definition = copy(field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF])
    definition.directives = [*definition.directives, RequiresScopes(scopes=shown(needs))]
    field.extensions = {**field.extensions, GraphQLCoreConverter.DEFINITION_BACKREF: definition}
    if all(Scope.PII_READ in choice for choice in needs):
        field.description = f"{field.description} {HIDDEN}"
