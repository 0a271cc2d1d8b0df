"""The values in a document, with the variables put in: plain JSON, as the schema has not looked at it yet."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

__all__ = ["Args", "Given"]

Args = Mapping[str, Any]
"""The arguments of a field that are given. Any: JSON."""
ABSENT = object()


class Given:
    """The variables of one request, with the defaults that its operation has for them."""

    def __init__(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:  # Any: JSON
        self._variables = dict(variables)
        for each in operation.variable_definitions or ():
            name = each.variable.name.value
            if name not in self._variables and each.default_value is not None:
                self._variables[name] = self._value(each.default_value)

    def arguments(self, field: FieldNode | DirectiveNode) -> Args:
        """Those that are given: a variable without a value gives none."""
        if not field.arguments:
            return {}
        found = {each.name.value: self._value(each.value) for each in field.arguments}
        return {name: value for name, value in found.items() if value is not ABSENT}

    def is_left_out(self, node: Node) -> bool:
        """Whether @skip or @include take a selection out."""
        for directive in getattr(node, "directives", None) or ():
            name = directive.name.value
            if name in ("skip", "include") and self.arguments(directive).get("if") is (name == "skip"):
                return True
        return False

    def _value(self, node: ValueNode) -> Any:  # Any: JSON, or ABSENT
        return _READ[type(node)](self, node)

    def _of_list(self, node: ListValueNode) -> list[Any]:
        found = [self._value(each) for each in node.values]
        return [None if each is ABSENT else each for each in found]

    def _of_object(self, node: ObjectValueNode) -> dict[str, Any]:
        found = {each.name.value: self._value(each.value) for each in node.fields}
        return {name: value for name, value in found.items() if value is not ABSENT}

    def _of_variable(self, node: VariableNode) -> Any:  # Any: as above
        return self._variables.get(node.name.value, ABSENT)


_READ: dict[type, Callable[[Given, Any], Any]] = {  # Any: each kind of node has its own value
    VariableNode: Given._of_variable,
    ListValueNode: Given._of_list,
    ObjectValueNode: Given._of_object,
    IntValueNode: lambda _, node: int(node.value),
    FloatValueNode: lambda _, node: float(node.value),
    StringValueNode: lambda _, node: node.value,
    EnumValueNode: lambda _, node: node.value,
    BooleanValueNode: lambda _, node: node.value,
    NullValueNode: lambda *_: None,
}
