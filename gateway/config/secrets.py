"""Keys of type Secret: `key = "${VARIABLE}"` or `key_file = "path"`, never the secret itself.

An address that may hold a password is one too. It may stand in the file as long as what is written there is none.
"""

from collections.abc import Mapping
from typing import get_args

from gateway.config.outside import Mistake, Outside
from gateway.config.rules import Rule, shown
from gateway.secret import Secret

__all__ = ["FILE", "is_secret", "read_secret"]

FILE = "_file"


def is_secret(kind: object) -> bool:
    """Whether a field's type is Secret, or Secret | None."""
    return kind is Secret or Secret in get_args(kind)


def read_secret(key: str, given: Mapping[str, object], outside: Outside, bare: Rule | None = None) -> Secret | None:
    """The secret, None when neither form is given. Raises Mistake, which never has the secret in it.

    With `bare` it may also be text in the file, if that rule finds no credential in it (see `Written`).
    """
    file = key + FILE
    if key in given and file in given:
        raise Mistake(f"found this and {file}; give one of them")
    if key in given:
        return Secret(_checked(_from_environment(key, given[key], outside, bare)))
    if file in given:
        return Secret(_checked(_from_file(key, given[file], outside)))
    return None


def _from_environment(key: str, value: object, outside: Outside, bare: Rule | None) -> str:
    text = outside.variable(value) if isinstance(value, str) else None
    if text is not None:
        return text
    if bare is None:
        raise Mistake(f'a secret is not written here; give {key} = "${{VARIABLE}}" or {key}{FILE} = "path"')
    if not isinstance(value, str):
        raise Mistake(f"found {shown(value)}; it must be text in quotes")
    bare(outside.bare(value), key)
    return outside.expanded(value)


def _from_file(key: str, value: object, outside: Outside) -> str:
    if not isinstance(value, str) or not value:
        raise Mistake(f"{key}{FILE} must be a path, as text in quotes")
    return outside.file(outside.expanded(value))


def _checked(text: str) -> str:
    """A credential goes into a header: one line of text."""
    if not text.strip():
        raise Mistake("the secret is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Mistake("the secret has a line break or another control character in it")
    return text
