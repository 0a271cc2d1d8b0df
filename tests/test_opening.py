"""Accounts are opened all or none, and closed together."""

import asyncio
from typing import Any

import pytest

from gateway.opening import open_accounts
from gateway.platform import Platform, Settings
from gateway.provider import Provider
from gateway.replicas import Gone
from tests.virtual_time import run_in_virtual_time


class NobodyThere:
    """A Redis that is gone."""

    async def run(self, *_: Any) -> Any:
        """Any: there is no answer."""
        raise Gone


def fails(*_: object) -> Provider:
    raise OSError("no such file")


def platform(connect: Any = lambda *_: None) -> Platform:
    """Any: an adapter that nobody asks may be nothing."""
    return Platform("some", Provider, Settings, connect, base_url="http://127.0.0.1:9")


def settings(*providers: str) -> list[Settings]:
    return [Settings(name=f"a{place}", provider=each) for place, each in enumerate(providers)]


async def test_nothing_is_left_of_accounts_that_could_not_all_be_opened():
    """The one before the one that fails has begun nothing."""
    with pytest.raises(OSError, match="no such file"):
        open_accounts(settings("good", "bad"), {"good": platform(), "bad": platform(fails)}, scripts=NobodyThere())

    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_many_accounts_close_as_quickly_as_one():
    """Each tries to say good-bye to a Redis that is gone: all at the same time."""

    async def scene(count: int) -> float:
        clock = asyncio.get_running_loop().time
        accounts = open_accounts(settings(*["good"] * count), {"good": platform()}, scripts=NobodyThere())
        await asyncio.sleep(1)
        before = clock()
        await accounts.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return clock() - before

    assert run_in_virtual_time(scene(40)) == pytest.approx(run_in_virtual_time(scene(1)))
