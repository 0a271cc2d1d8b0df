"""Reading which SIMs meet the conditions of a job, past all memory and behind all who wait for an answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gateway.account import OpenAccount
from gateway.jobs.selection import MOST_SIMS, Unselected
from gateway.page import Page, PageRequest
from gateway.plan import Plan
from gateway.reach.within import within
from gateway.upstream.errand import Urgency
from gateway.where import SimWhere
from gateway.writes.asking import Asking
from schema.errors import BadResponse, GatewayError, Invalid, NotFound, ScanLimit, Unsupported
from schema.iccid import other_form
from schema.sim import Sim

__all__ = ["Take", "walk"]

MOST_PAGES = 10_000
"""Pages of one account that are read for one job: its provider may not know the condition."""
PAGE_TIME = 60.0
"""Seconds for one page."""

Take = Callable[[str, list[str]], Awaitable[None]]
"""Is given an account and some more of its SIMs, each once."""


async def walk(
    accounts: Mapping[str, OpenAccount],
    wheres: Mapping[str, SimWhere],
    take: Take,
    stop: asyncio.Event | None = None,
    fleets: Mapping[str, Sequence[str]] = MappingProxyType({}),
    *,
    plan: Plan | None = None,
) -> int:
    """Read every SIM of these conditions, all accounts at once, and say how many there are. What one account could not
    tell raises Unselected, as the selection would not be whole; so do more SIMs than one job may have.

    Of an account in `fleets` only SIMs in these are read. With `stop` set it ends early. What it comes to is told to
    the plan.
    """
    walker = _Walker(take, stop or asyncio.Event(), fleets, plan)
    gone = [NotFound(f"there is no account {name!r} any more") for name in wheres if name not in accounts]
    if gone:
        raise Unselected(gone)
    ended = await asyncio.gather(
        *(walker.through(accounts[name], where) for name, where in wheres.items()), return_exceptions=True
    )
    faults = [each for each in ended if isinstance(each, GatewayError)]
    others = [each for each in ended if isinstance(each, BaseException) and not isinstance(each, GatewayError)]
    if others:
        raise others[0]
    if faults:
        raise Unselected(faults)
    return walker.count


class _Walker:
    """`halt` is set by whoever wants no more of it."""

    def __init__(self, take: Take, halt: asyncio.Event, fleets: Mapping[str, Sequence[str]], plan: Plan | None) -> None:
        self.count = 0
        self._take = take
        self._fleets = fleets
        self._plan = plan
        self._halt = halt
        self._has_failed = False

    async def through(self, account: OpenAccount, where: SimWhere) -> None:
        """Hand on every SIM of an account. Raises GatewayError; what other accounts have is of no use then."""
        try:
            await self._through(account, where)
        except GatewayError:
            self._has_failed = True
            raise

    async def _through(self, account: OpenAccount, where: SimWhere) -> None:
        fleets = self._fleets.get(account.name)
        seen: set[str] = set()  # rows may move to another page while they are read
        async for sims in _pages_of(account, within(where, fleets), self._plan):
            meant = [sim for sim in sims if where.matches(sim) and (fleets is None or sim.fleet_id in fleets)]
            new = dict.fromkeys(sim.native_id for sim in meant if sim.native_id not in seen)
            seen.update(new)
            self.count += len(new)
            if self.count > MOST_SIMS:
                raise Invalid(f"select.filter: more than {MOST_SIMS:,} SIMs match", path=["input", "select", "filter"])
            if new:
                await self._take(account.name, list(new))
            if self._halt.is_set() or self._has_failed:
                return


async def _pages_of(account: OpenAccount, wheres: Iterable[SimWhere], plan: Plan | None) -> AsyncIterator[list[Sim]]:
    for where in wheres:
        async for sims in _pages(account, where, plan):
            yield sims


async def _pages(account: OpenAccount, where: SimWhere, plan: Plan | None) -> AsyncIterator[list[Sim]]:
    """An account's SIMs, page by page, past all memory; perhaps more than are meant."""
    if where.iccids and account.provider.supports("find_sim_by_iccid"):
        yield await _of_iccids(account, where, plan)
        return
    size, token = account.provider.most_rows("list_sims"), None
    visited: set[str | None] = set()
    for _ in range(MOST_PAGES):
        page: Page[Sim] = await _ask(account, plan, "list_sims", where, PageRequest(size, token))
        _check(page, account)
        yield page.items
        visited.add(token)
        token = page.next
        if token is None:
            return
        if token in visited:
            raise BadResponse("the next page is one that was already read").at(account.name, "list_sims")
    raise ScanLimit(f"its SIMs fill more than {MOST_PAGES:,} pages").at(account.name, "list_sims")


def _check(page: Page[Sim], account: OpenAccount) -> None:
    if page.broken is not None:
        raise page.broken.at(account.name, "list_sims")
    if page.is_partial:
        error = Unsupported(
            "the account cannot tell all of its SIMs, so that what it lists may not be all that match; "
            "leave it out with `filter.accounts`, or give its SIMs by id"
        )
        raise error.at(account.name, "list_sims")


async def _of_iccids(account: OpenAccount, where: SimWhere, plan: Plan | None) -> list[Sim]:
    """SIMs by ICCID, with or without the check digit."""
    found = []
    for iccid in sorted(where.iccids):
        sim = await _ask(account, plan, "find_sim_by_iccid", iccid)
        other = other_form(iccid)
        if sim is None and other is not None:
            sim = await _ask(account, plan, "find_sim_by_iccid", other)
        found += [] if sim is None else [sim]
    return found


async def _ask(
    account: OpenAccount, plan: Plan | None, operation: str, *args: object
) -> Any:  # Any: each operation has its own answer
    until = asyncio.get_running_loop().time() + PAGE_TIME
    return await Asking(account, Urgency.BULK, until, plan)(operation, *args)
