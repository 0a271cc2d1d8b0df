"""Filters of the Twilio family that take one word of the provider's, and what becomes of the others.

A wanted value that exactly one native word means is said. One that several words mean, or none, is told from the
rows. Where no row can ever have what is wanted, nothing is asked at all.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import NamedTuple, TypeVar

from gateway.page import Page, PageRequest
from gateway.protocols.twilio_rest import Listed, read_page
from gateway.upstream.client import Client
from gateway.where import Where

__all__ = ["Vocabulary", "Words", "leaves_words", "native_word", "read_narrowed"]

T = TypeVar("T")
W = TypeVar("W")


class Words(NamedTuple):
    """The parameter a condition is said with, and what each native word means here."""

    parameter: str
    meanings: Mapping[str, Enum]


Vocabulary = Mapping[str, Words]
"""The words of one list, by the condition of its Where that they are for."""


async def read_narrowed(
    client: Client,
    listed: Listed[W, T],
    vocabulary: Vocabulary,
    where: Where,
    page: PageRequest,
    *others: tuple[str, str | None],
) -> Page[T]:
    """One page of a list, narrowed by words and by `others`; an empty one, without a call, where no row can match."""
    wanted = [(words, _wanted(where, condition)) for condition, words in vocabulary.items()]
    if any(_is_never(words.meanings, values) for words, values in wanted):
        return Page([])
    said = [(words.parameter, native_word(words.meanings, values)) for words, values in wanted]
    return await read_page(client, listed, [*said, *others], page)


def leaves_words(vocabulary: Vocabulary, where: Where) -> bool:
    """Whether something is wanted that has no exact word, so that the rows must tell."""
    wanted = ((words, _wanted(where, condition)) for condition, words in vocabulary.items())
    return any(values and native_word(words.meanings, values) is None for words, values in wanted)


def native_word(meanings: Mapping[str, Enum], wanted: Collection[Enum]) -> str | None:
    """The provider's word for the only wanted value; None where several are wanted or several words mean it."""
    native = [word for word, meaning in meanings.items() if meaning in wanted]
    return native[0] if len(wanted) == 1 and len(native) == 1 else None


def _is_never(meanings: Mapping[str, Enum], wanted: Collection[Enum]) -> bool:
    """Whether no row can have a wanted value. UNKNOWN is what a word nobody knows yet becomes, so it always can."""
    if not wanted or any(each.name == "UNKNOWN" for each in wanted):
        return False
    return not any(meaning in wanted for meaning in meanings.values())


def _wanted(where: Where, condition: str) -> frozenset[Enum]:
    value: frozenset[Enum] | Enum | None = getattr(where, condition)
    if value is None:
        return frozenset()
    return value if isinstance(value, frozenset) else frozenset({value})
