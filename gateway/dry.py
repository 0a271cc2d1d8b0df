"""A request played through without a call: what memory has is used, all else is made up, and the calls are counted."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from gateway.cache.question import Question
from gateway.cache.stamps import stamp
from gateway.calls import Calls
from gateway.page import Page, PageRequest
from gateway.provider import Provider
from gateway.reach.fence import nothing
from gateway.upstream.errand import ERRAND, Errand, NotSent
from schema.errors import GatewayError
from schema.node import UNTOLD

__all__ = ["DryCalls"]

FEW = 50
"""Rows that are made up of a list that nobody has read yet, and is not of SIMs."""

FIRST_ICCID = 8_900_000_000_000_000_000
"""Made-up ids are numbers from here on: adapters look at an ICCID before they ask for it."""


class DryCalls(Calls):
    """Asks nobody. A made-up list of SIMs has as many rows as are asked for, what belongs to one SIM is one thing, and
    everything else fits on one page. An account of which some fleets are seen has nothing: its plan is not told."""

    async def ask(self, account: str, operation: str, *args: object, of_shown: bool = False) -> Any:  # Any: as below
        if self.fleets(account) is not None:
            return nothing(operation)
        return await super().ask(account, operation, *args, of_shown=of_shown)

    async def _answer(self, question: Question, *, is_anew: bool = False) -> Any:  # Any: each operation has its own
        del is_anew  # nobody is asked
        told = self._cache.at_hand(question, self._max_age)
        if told is not None:
            self.plan.told(question.account, question.operation, told)
            return told.answer
        account, operation, args = question
        provider = self.accounts[account].provider
        before = ERRAND.set(Errand(is_dry=True))
        try:
            answer = await getattr(provider, operation)(*args)
        except NotSent:
            self.plan.expected(account, operation, provider.calls_for(operation))
            return _made_up(question, provider)
        except GatewayError as error:
            raise error.at(account, operation) from error.__cause__
        finally:
            ERRAND.reset(before)
        stamp(answer, account, UNTOLD)  # it could be told without a call
        return answer


def _made_up(question: Question, provider: Provider) -> Any:  # Any: as above
    kind, is_list = _answer_of(question.operation)
    if not is_list:
        return _blank(kind, question.account, str(question.args[0]))
    where: Any
    request: PageRequest
    where, request = question.args  # type: ignore[assignment]  # what every list operation takes
    if getattr(where, "sim_id", None) is not None:
        return Page([_blank(kind, question.account, f"{where.sim_id}/1")])
    token = request.token or ""
    begun = int(token) if token.isdecimal() else 0  # one that is not made up is of a page that was remembered
    rows = min(request.size, provider.most_rows(question.operation) if question.operation == "list_sims" else FEW)
    items = [_blank(kind, question.account, str(FIRST_ICCID + begun + number)) for number in range(rows)]
    for item in items:
        if hasattr(item, "is_complete"):
            item.is_complete = not provider.has_partial_rows
    return Page(items, next=str(begun + rows) if question.operation == "list_sims" else None)


@cache
def _answer_of(operation: str) -> tuple[Any, bool]:  # Any: a class of the schema
    """What an operation answers with: the type, and whether in pages."""
    answer = get_type_hints(getattr(Provider, operation))["return"]
    if get_origin(answer) is Page:
        return get_args(answer)[0], True
    options = get_args(answer) if get_origin(answer) in (Union, UnionType) else (answer,)
    return next(each for each in options if each is not type(None)), False


def _blank(kind: Any, account: str, native_id: str) -> Any:  # Any: as above
    """A thing of this type of which only ids are filled in: its own, and one for everything it leads to."""
    thing = kind(**_required(kind), **dict.fromkeys(_ids(kind), native_id))
    stamp(thing, account, UNTOLD)
    return thing


@cache
def _ids(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind) if each.init and each.name.endswith("_id"))


@cache
def _required(kind: Any) -> Mapping[str, Any]:
    """A value for every other field that has none by itself; nobody will see it."""
    missing = dataclasses.MISSING
    return {
        each.name: UNTOLD if each.type is datetime else ""
        for each in dataclasses.fields(kind)
        if each.init and each.default is missing and each.default_factory is missing and each.name not in _ids(kind)
    }
