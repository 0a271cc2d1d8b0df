"""Secrets: read from the environment or a file, shown nowhere, replaced by their successors while in use."""

from contextlib import suppress
from hmac import compare_digest
from itertools import count
from json import dumps
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit
from weakref import WeakValueDictionary

__all__ = ["Secret", "secret_texts"]

STARS = "***"

LEAST = 6
"""Characters from which on a text is looked for in logs; a shorter one would be found in words that are none of it."""

MOST_FORMER = 3
"""Predecessors that are looked for still: calls under way were sent with them."""


class Secret:
    """A credential. Only `reveal()` gives it away; every way of printing, copying or encoding it gives stars or fails.

    Whoever needs it keeps the Secret and not what it reveals: another value may take its place. It can be pickled, for
    the workers of `serve` and nothing else: what is pickled has it in clear.
    """

    __slots__ = ("__weakref__", "_former", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._former: tuple[str, ...] = ()
        _known.add(self)

    def reveal(self) -> str:
        """The credential itself, for the header that needs it."""
        return self._value

    def replace(self, successor: "Secret") -> None:
        """From now on reveal what the other one reveals."""
        if self == successor:
            return
        self._former = (self._value, *self._former)[:MOST_FORMER]
        self._value = successor.reveal()
        _known.changed()

    def __repr__(self) -> str:
        return f"Secret('{STARS}')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        """In the same time wherever they differ."""
        return isinstance(other, Secret) and compare_digest(_bytes(self._value), _bytes(other._value))

    __hash__ = None  # type: ignore[assignment]  # a value that may change has none

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, _memo: object) -> "Secret":
        return self

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return Secret, (self._value,)

    def __getstate__(self) -> Any:  # Any: as object has it
        """Nothing: whoever asks for the state of any object at all is about to write it down."""
        return None

    def texts(self) -> set[str]:
        """What must not be written anywhere: the value and its predecessors, in every spelling that libraries use."""
        return {text for value in (self._value, *self._former) for text in _spelled(value) if len(text) >= LEAST}


class _Known:
    """The secrets of this process that are still in use, and what must not be written because of them."""

    def __init__(self) -> None:
        self._alive: WeakValueDictionary[int, Secret] = WeakValueDictionary()
        self._lock = Lock()
        self._changes = count()
        self._change = next(self._changes)
        self._made: tuple[int, tuple[str, ...]] = (-1, ())

    def add(self, secret: Secret) -> None:
        with self._lock:
            self._alive[id(secret)] = secret
        self.changed()

    def changed(self) -> None:
        self._change = next(self._changes)

    def texts(self) -> tuple[str, ...]:
        """The longest first: what is part of another must not spoil it. Made anew after a change only."""
        change, texts = self._made
        if change != self._change:
            change = self._change
            with self._lock:
                alive = list(self._alive.values())
            texts = tuple(sorted(set().union(*(each.texts() for each in alive)), key=len, reverse=True))
            self._made = change, texts
        return texts


_known = _Known()


def secret_texts() -> tuple[str, ...]:
    """Every text that no log may have in it because of a Secret of this process; the longest first."""
    return _known.texts()


def _bytes(value: str) -> bytes:
    """Of any text: what an environment has that is no UTF-8 comes as surrogates."""
    return value.encode(errors="surrogatepass")


def _spelled(value: str) -> set[str]:
    """As it is, in a URL or form, in JSON, in Python's repr; the same for the password of an address."""
    values = {value}
    with suppress(ValueError):
        if "://" in value and (password := urlsplit(value).password):
            values |= {password, unquote(password)}
    return {
        spelled
        for each in values
        for spelled in (
            each,
            quote(_bytes(each), safe=""),
            quote_plus(_bytes(each)),
            dumps(each)[1:-1],
            repr(each)[1:-1],
        )
    }
