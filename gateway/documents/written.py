"""A field's name and arguments as they are written, in a form that can be compared."""

from graphql import (
    FieldNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

__all__ = ["written_call"]


def written_call(field: FieldNode) -> object:
    """Equal for two fields that ask the same with the same words, whatever the order of their arguments."""
    return {argument.name.value: _written(argument.value) for argument in field.arguments or ()}


def _written(value: ValueNode) -> object:
    """How deep a value may be has been looked at before."""
    if isinstance(value, VariableNode):
        return ("$", value.name.value)
    if isinstance(value, ListValueNode):
        return [_written(each) for each in value.values]
    if isinstance(value, ObjectValueNode):
        return {each.name.value: _written(each.value) for each in value.fields}
    if isinstance(value, StringValueNode):
        return ("text", value.value, bool(value.block))
    if isinstance(value, NullValueNode):
        return None
    return (value.kind, value.value)  # type: ignore[attr-defined]  # the other kinds all have one
