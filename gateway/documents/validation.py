"""Whether a document is valid: the library's rules, except for the one that is quadratic."""

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)

from gateway.documents.merging import conflict_in

__all__ = ["invalid"]

RULES = tuple(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)

MOST_ERRORS = 5


def invalid(schema: GraphQLSchema, document: DocumentNode, steps: int, *, has_suggestions: bool) -> list[GraphQLError]:
    """What is wrong with it; nothing where it is valid. `steps`: see `conflict_in`."""
    errors = validate(schema, document, RULES, MOST_ERRORS, hide_suggestions=not has_suggestions)
    if errors:
        return errors
    conflict = conflict_in(schema, document, steps)
    return [] if conflict is None else [conflict]
