"""The providers' published OpenAPI files as judges of what a simulator answers."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

__all__ = ["Published", "published"]

_FILES = Path(__file__).parents[1] / "data" / "openapi"
_VERBS = ("get", "post", "put", "delete")
_LOOSE = {"data_total_billed": {"type": ["number", "string", "null"]}}
"""Described as a number, shown as a string in every published example."""


class Published:
    """One file: which operations it has, and whether an answer is what it promises.

    Every property of a record must be present, and any may be null. `meta` is judged by shape only.
    """

    def __init__(self, name: str) -> None:
        self.document: dict[str, Any] = json.loads((_FILES / name).read_text())  # Any: it is foreign JSON
        self.operations: dict[str, tuple[str, re.Pattern[str], dict[str, Any]]] = {}
        for template, verbs in self.document["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
            for verb in _VERBS:
                if verb in verbs:
                    operation = verbs[verb]
                    self.operations[operation.get("operationId", template)] = (verb.upper(), pattern, operation)

    def judge(self, method: str, url: str, status: int, body: str) -> str:
        """Check a successful answer and give its operation's name; AssertionError says what is wrong."""
        path = "/v1" + urlsplit(url).path.partition("/v1")[2]
        name, operation = self._operation(method, path)
        declared = operation["responses"]
        assert str(status) in declared, f"{name}: {status} is not among {list(declared)}"
        content = declared[str(status)].get("content", {}).get("application/json")
        if content is None or not body:
            assert not body or content is not None, f"{name}: a body where none is declared"
            return name
        errors = list(Draft202012Validator(self._strict(content["schema"])).iter_errors(json.loads(body)))
        assert not errors, f"{name}: {[(list(error.path), error.message) for error in errors[:3]]}"
        return name

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for name, (verb, pattern, operation) in self.operations.items():
            if verb == method.upper() and pattern.fullmatch(path):
                return name, operation
        raise AssertionError(f"{method} {path} is in no published path")

    def _strict(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON Schema: references followed, everything present, everything nullable, nothing more."""
        if "$ref" in schema:
            return self._strict(self._component(schema["$ref"]))
        merged = _merged([schema, *(self._resolved(part) for part in schema.get("allOf", []))])
        strict: dict[str, Any] = {key: merged[key] for key in ("pattern", "minLength", "maxLength") if key in merged}
        if "enum" in merged:
            return {"enum": [*merged["enum"], None]}
        if "type" in merged:
            strict["type"] = [merged["type"], "null"]
        if "items" in merged:
            strict["items"] = self._strict(merged["items"])
        if "properties" in merged:
            strict["properties"] = {name: self._property(name, each) for name, each in merged["properties"].items()}
            strict["additionalProperties"] = False
            strict["required"] = [] if merged.get("x-loose") else list(merged["properties"])
        return strict

    def _property(self, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        if name == "meta":
            return {"type": "object", "required": ["key", "url", "first_page_url", "next_page_url"]}
        if name == "cell_location_estimate":
            return {"type": ["object", "null"]}
        return _LOOSE.get(name) or self._strict(schema)

    def _component(self, reference: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["components"]["schemas"][reference.rsplit("/", 1)[1]]
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._component(schema["$ref"]) if "$ref" in schema else schema


def _merged(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """allOf with object parts, as one object."""
    merged: dict[str, Any] = {}
    for part in parts:
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        merged.update(part)
        if properties:
            merged["properties"] = properties
    return merged


@cache
def published(name: str) -> Published:
    """A file of tests/data/openapi, read once."""
    return Published(name)
