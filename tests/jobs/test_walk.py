"""Reading which SIMs match: all of them, each once, or none at all."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import pytest

from gateway.account import OpenAccount, Record
from gateway.jobs import walk as walking
from gateway.jobs.selection import Unselected
from gateway.jobs.walk import walk
from gateway.page import Page, PageRequest
from gateway.plan import Plan
from gateway.provider import Provider
from gateway.upstream.breaker import Breaker
from gateway.upstream.errand import Urgency, errand
from gateway.upstream.pace import Limits, Pace
from gateway.where import SimWhere
from schema.errors import BadResponse, Unavailable
from schema.sim import Sim
from schema.status import SimStatus

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)


class Scripted(Provider):
    """Tells pages by their token, and notes how urgent each question was."""

    page_size = 2
    filters: ClassVar[Mapping[str, frozenset[str]]] = {}

    def __init__(self, pages: Mapping[str | None, Page[Sim] | Exception]) -> None:
        super().__init__(cast("Any", None), lambda: NOW)  # Any: nothing is sent
        self.pages = pages
        self.asked: list[tuple[str | None, Urgency]] = []

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        del where
        self.asked.append((page.token, errand().urgency))
        told = self.pages[page.token]
        if isinstance(told, Exception):
            raise told
        return told


class ByIccid(Scripted):
    """Knows SIMs by what is printed on them, too."""

    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        return a_sim(iccid, iccid=iccid) if len(iccid) == 19 else None


def a_sim(native_id: str, **fields: Any) -> Sim:  # Any: fields of a SIM
    return Sim(native_id=native_id, **fields)


def page(*ids: str, **more: Any) -> Page[Sim]:  # Any: fields of a page
    return Page([a_sim(each) for each in ids], **more)


def account(name: str, provider: Provider) -> OpenAccount:
    clock = asyncio.get_running_loop().time
    return OpenAccount(
        name, "scripted", provider, Pace(Limits()), Breaker(name, clock, lambda: 0.5), Record(lambda: NOW)
    )


async def walked(
    where: SimWhere | None = None,
    stop: asyncio.Event | None = None,
    plan: Plan | None = None,
    **providers: Scripted,
) -> tuple[int, list[tuple[str, str]]]:
    found: list[tuple[str, str]] = []

    async def take(name: str, native_ids: Sequence[str]) -> None:
        found.extend((name, each) for each in native_ids)

    accounts = {name: account(name, provider) for name, provider in providers.items()}
    count = await walk(accounts, dict.fromkeys(accounts, where or SimWhere()), take, stop, plan=plan)
    return count, sorted(found)


async def test_all_pages_of_all_accounts():
    """Every SIM is found once, also one that moved to a later page while it was read; nobody is held up by that."""
    one = Scripted({None: page("a", "b", next="2"), "2": page("b", "c", next="3"), "3": page("d")})
    other = Scripted({None: page("a")})

    count, found = await walked(one=one, other=other)

    assert (count, found) == (5, [("one", "a"), ("one", "b"), ("one", "c"), ("one", "d"), ("other", "a")])
    assert one.asked == [(None, Urgency.BULK), ("2", Urgency.BULK), ("3", Urgency.BULK)]


async def test_what_the_provider_does_not_filter_is_filtered_here():
    """Rows that do not match are left out, and do not count."""
    provider = Scripted({None: Page([a_sim("a", status=SimStatus.ACTIVE), a_sim("b", status=SimStatus.READY)])})

    assert await walked(SimWhere(status=frozenset({SimStatus.ACTIVE})), one=provider) == (1, [("one", "a")])


async def test_every_page_is_in_the_plan():
    """What the walk comes to is told for each page, and that of a page that failed, too."""
    plan = Plan()
    provider = Scripted({None: page("a", next="2"), "2": page("b", next="3"), "3": Unavailable("down")})

    async def ask(operation: str, args: tuple[object, ...]) -> object:
        errand().calls += 1
        return await getattr(provider, operation)(*args)

    opened = account("one", provider)
    opened.ask = ask  # type: ignore[method-assign]  # as if it had sent a call

    async def take(name: str, native_ids: Sequence[str]) -> None:
        del name, native_ids

    with pytest.raises(Unselected):
        await walk({"one": opened}, {"one": SimWhere()}, take, plan=plan)

    assert plan.calls_by_account() == {"one": 3}


async def test_iccids_are_looked_up():
    """SIMs named by ICCID are looked up one by one, with and without check digit, and no list is read."""
    provider = ByIccid({})

    count, found = await walked(
        SimWhere(iccids=frozenset({"8988307000168227542", "89883070001682275427"})), one=provider
    )

    assert (count, found) == (1, [("one", "8988307000168227542")])
    assert provider.asked == []


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (page("c", broken=BadResponse("the link cannot be trusted")), "BAD_RESPONSE"),
        (page("c", is_partial=True), "UNSUPPORTED"),
        (page("c", next="2"), "BAD_RESPONSE"),
        (Unavailable("it is broken"), "UNAVAILABLE"),
    ],
    ids=["broken", "partial", "in circles", "failed"],
)
async def test_what_is_not_whole_is_refused(last: Page[Sim] | Exception, code: str):
    """A list that cannot be read to its end, or that does not tell everything, is refused; its account is named."""
    with pytest.raises(Unselected) as caught:
        await walked(one=Scripted({None: page("a", next="2"), "2": last}), other=Scripted({None: page("a")}))

    [problem] = caught.value.problems
    assert (problem.account, problem.operation, problem.code.name) == ("one", "list_sims", code)


async def test_one_failure_ends_the_reading_of_the_others():
    """When one account has failed the others are not read to their end for nothing."""
    endless = Scripted({None: page("0", next="1"), **{str(n): page(str(n), next=str(n + 1)) for n in range(1, 500)}})

    with pytest.raises(Unselected):
        await walked(one=Scripted({None: Unavailable("it is broken")}), other=endless)

    assert len(endless.asked) < 10


async def test_more_than_a_job_may_have(monkeypatch: pytest.MonkeyPatch):
    """More SIMs, or more pages, than there may be are refused."""
    monkeypatch.setattr(walking, "MOST_SIMS", 3)
    with pytest.raises(Unselected, match="more than 3 SIMs"):
        await walked(one=Scripted({None: page("a", "b", next="2"), "2": page("c", "d")}))
    monkeypatch.setattr(walking, "MOST_PAGES", 1)
    with pytest.raises(Unselected, match="more than 1 pages"):
        await walked(one=Scripted({None: page("a", next="2"), "2": page("b")}))


async def test_an_account_that_is_gone():
    """A condition for an account that is no longer configured is refused."""
    with pytest.raises(Unselected, match="'trackers' any more"):
        await walk({}, {"trackers": SimWhere()}, cast("Any", None))  # Any: it is not called


async def test_it_ends_when_stopped():
    """Whoever wants no more of it does not have the rest read."""
    stop = asyncio.Event()
    stop.set()
    provider = Scripted({None: page("a", next="2"), "2": page("b")})

    assert (await walked(None, stop, one=provider))[0] == 1
    assert len(provider.asked) == 1
