"""What the door lets jobs do: by their callers' tables as they are now, and of their minute."""

import pytest

from gateway.account import OpenAccount, Record
from gateway.auth.identity import Identity
from gateway.auth.options import CallerSettings
from gateway.provider import Provider
from gateway.rates.options import Budget
from gateway.rates.rates import Rates
from gateway.rights import ANYBODY
from gateway.server.door import Door
from gateway.server.terms import DoorTerms
from gateway.upstream.breaker import Breaker
from gateway.upstream.pace import Limits, Pace
from schema.scopes import Scope
from tests.world import START

EU, US = "trackers-eu", "trackers-us"
CI = CallerSettings(name="ci", scopes=("sims:write",), accounts=(EU,), cost=10)


def terms(*callers: CallerSettings) -> tuple[DoorTerms, Identity]:
    identity = Identity(callers)
    door = Door(identity, Rates(Budget(cost=100), lambda: 1000.0))
    return DoorTerms(door, {name: _account(name) for name in (EU, US)}), identity


def _account(name: str) -> OpenAccount:
    breaker = Breaker(name, lambda: 0.0, lambda: 0.5)
    provider = Provider(None, lambda: START)  # type: ignore[arg-type]  # nothing is sent
    return OpenAccount(name, "trackers", provider, Pace(Limits()), breaker, Record(lambda: START))


@pytest.mark.parametrize(
    ("caller", "account", "scope", "may"),
    [
        ("ci", EU, Scope.SIMS_WRITE, True),
        ("ci", EU, Scope.COMMANDS_SEND, False),
        ("ci", US, Scope.SIMS_WRITE, False),
        ("ci", "gone", Scope.SIMS_WRITE, False),
        ("gone", EU, Scope.SIMS_WRITE, False),
        (ANYBODY.name, EU, Scope.SIMS_WRITE, False),
        ("staff:jo", EU, Scope.SIMS_WRITE, True),
    ],
)
async def test_who_may_go_on(caller: str, account: str, scope: Scope, may: bool):
    """A caller with keys as his table says, nobody whose table is gone, and who has tokens: nothing is known of him."""
    mine, _ = terms(CI)

    assert mine.may(caller, account, scope) is may


async def test_who_may_go_on_is_read_again():
    """From the moment that his rights are taken away, or he is."""
    mine, identity = terms(CI)
    before = mine.may("ci", EU, Scope.SIMS_WRITE)
    identity.replace([CallerSettings(name="ci", scopes=("sims:read",), accounts=(EU,))], None)
    less = mine.may("ci", EU, Scope.SIMS_WRITE)
    identity.replace([], None)

    assert (before, less, mine.may("ci", EU, Scope.SIMS_WRITE)) == (True, False, False)


async def test_where_nobody_is_asked_everybody_may():
    """Also the jobs of those who had keys before."""
    mine, _ = terms()

    assert mine.may(ANYBODY.name, EU, Scope.SIMS_WRITE)
    assert mine.may("ci", EU, Scope.SIMS_WRITE)


async def test_a_job_has_half_of_its_callers_minute():
    """Of his own, where he has one, else of everybody's; what was not needed is given back."""
    mine, _ = terms(CI)
    first = await mine.turn("ci", 5)
    second = await mine.turn("ci", 1)
    await first.settle(4)
    third = await mine.turn("ci", 1)
    await mine.charge("other", 49)

    assert (first.wait, second.wait > 0, third.wait) == (0, True, 0)
    assert [(await mine.turn("other", 1)).wait > 0 for _ in range(2)] == [False, True]
