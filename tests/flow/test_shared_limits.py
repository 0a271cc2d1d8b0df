"""Two gateways that share an account keep its limits together, whatever is asked of them."""

import asyncio

import pytest

from tests.two_gateways import DEADLINE, Reader, most_in_a_window, two_gateways
from tests.waiting import in_some_round


@pytest.mark.parametrize(
    ("name", "calls", "window", "concurrency"), [("wayscloud", 20, 2.0, 8), ("cisco-control-center", 3, 1.0, 1)]
)
async def test_ten_times_the_limit_from_two_gateways(name: str, calls: int, window: float, concurrency: int):
    """No window sees more than the account allows, nor does the provider complain; who cannot be served is told when
    to come back, before his time is over."""
    async with two_gateways(name, calls=calls, window=window, concurrency=concurrency) as (host, gateways):

        async def spell() -> None:
            readers = [Reader(gateway, "u=3") for gateway in gateways for _ in range(5 * calls)]
            await asyncio.gather(*(reader.read(2 * window, 0.02) for reader in readers))
            assert len(host.requests(name)) > calls
            refusals = [each for reader in readers for each in reader.refusals]
            told = [each["retryAfter"] for each in refusals if each.get("retryAfter") is not None]
            assert len(told) > 0.5 * len(refusals)  # the others' time was over between two calls
            assert max(told, default=0) > 0

        await in_some_round(spell)

        assert most_in_a_window(host, name, window) <= calls
        assert not {429} & {each.status for each in host.requests(name)}


async def test_interactive_goes_before_bulk():
    """While bulk readers take all that an account gives, who waits for an answer has it well inside the deadline."""
    async with two_gateways("wayscloud", calls=20, window=2.0, concurrency=8) as (host, gateways):

        async def spell() -> None:
            bulk = [Reader(gateway, "u=7") for gateway in gateways for _ in range(15)]
            people = [Reader(gateway, "u=3") for gateway in gateways]
            reading = [reader.read(5.0, 0.0) for reader in bulk] + [reader.read(5.0, 1.0) for reader in people]
            await asyncio.gather(*reading)
            times = sorted(each for reader in people for each in reader.times)
            assert len(times) >= 2
            assert times[int(len(times) * 0.95) - 1] < DEADLINE
            assert sum(len(reader.refusals) for reader in people) <= len(times) / 4
            assert sum(len(reader.answers) for reader in bulk) > 10

        await in_some_round(spell)

        assert most_in_a_window(host, "wayscloud", 2.0) <= 20
