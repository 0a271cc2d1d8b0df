"""What a configuration may refer to: environment variables and files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mistake", "Outside"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OPENING = "${"
_MOST_BYTES = 64 * 1024


class Mistake(Exception):
    """A value that cannot be used; the message says what was found and what is allowed."""


@dataclass(frozen=True)
class Outside:
    """`folder` is the configuration's own: paths in it are relative to that. Both are read at start and at SIGHUP."""

    folder: Path
    environ: Mapping[str, str]

    def variable(self, text: str) -> str | None:
        """What the environment says for a text that is `${VARIABLE}` and nothing else; None for any other text."""
        match = _VARIABLE.fullmatch(text)
        return None if match is None else self._value(match[1])

    @staticmethod
    def bare(text: str) -> str:
        """What is left of a text when every `${VARIABLE}` is taken out: what somebody wrote down."""
        return _VARIABLE.sub("", text)

    def expanded(self, text: str) -> str:
        """A text with every `${VARIABLE}` in it replaced. Raises Mistake naming the variable that is not set."""
        if _OPENING in self.bare(text):
            raise Mistake(f"found {_OPENING!r} without a variable's name and '}}'; write ${{VARIABLE}}")
        return _VARIABLE.sub(lambda match: self._value(match[1]), text)

    def file(self, name: str) -> str:
        """A file's text without the line break at its end. Raises Mistake naming the file."""
        try:
            with (self.folder / name).open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a path"
            raise Mistake(f"the file {name!r} cannot be read: {reason}") from None
        if len(content) > _MOST_BYTES:
            raise Mistake(f"the file {name!r} has more than {_MOST_BYTES} bytes")
        try:
            return content.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise Mistake(f"the file {name!r} is not UTF-8 text") from None

    def _value(self, name: str) -> str:
        if name not in self.environ:
            raise Mistake(f"the environment variable {name} is not set")
        return self.environ[name]
