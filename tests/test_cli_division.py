"""An account's limits divided among workers keep the account's limits."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.issuers import IssuerSettings
from gateway.auth.options import CallerSettings
from gateway.commands.division import divided
from gateway.commands.failure import Failure
from gateway.config import Config, ServerSettings
from gateway.platform import Platform
from gateway.provider import Provider
from gateway.rates.options import Budget
from gateway.rates.rates import COST, REQUESTS
from gateway.secret import Secret
from gateway.upstream.pace import Limits
from tests.config_tables import PLATFORMS, SettledSettings, of_account

NUMBERS = st.none() | st.integers(1, 40)


WORKERS = st.integers(2, 16)


@given(concurrency=NUMBERS, calls=NUMBERS, burst=NUMBERS, own=st.integers(1, 12), own_calls=NUMBERS, workers=WORKERS)
def test_shares_add_up_to_no_more_than_the_whole(
    concurrency: int | None, calls: int | None, burst: int | None, own: int, own_calls: int | None, workers: int
) -> None:
    """All workers together never have more than the account may have, each has at least one call, or it is refused."""
    platform = Platform("settled", Provider, SettledSettings, PLATFORMS["settled"].connect, Limits(own, own_calls))
    account = SettledSettings(
        name="a",
        provider="settled",
        auth_token=Secret("s"),
        concurrency=concurrency,
        calls=calls,
        window=60.0,
        burst=burst,
    )
    allowed, in_window = concurrency or own, calls or own_calls
    try:
        share = of_account(divided(_config(account), workers, {"settled": platform}))
    except Failure:
        share = None

    if share is None:
        assert allowed < workers or (in_window is not None and in_window < workers)
    else:
        assert 1 <= share.concurrency <= allowed / workers
        assert share.calls is None if in_window is None else 1 <= share.calls <= in_window / workers
        assert share.window == 60.0
        assert share.burst is None if burst is None else 1 <= share.burst <= max(1, burst / workers)
        if in_window is not None:
            whole, part = Limits(own, in_window, 60.0, burst), Limits(own, share.calls, 60.0, share.burst)
            assert part.rate * 60 * workers <= whole.calls


@given(budget=st.builds(Budget, requests=NUMBERS, cost=NUMBERS), own=st.tuples(NUMBERS, NUMBERS), workers=WORKERS)
def test_what_callers_may_use_is_divided_too(budget: Budget, own: tuple[int | None, int | None], workers: int) -> None:
    """At all workers together a caller has no more of a minute than at one, but at each at least one of everything; one
    request may cost at one worker what it may cost."""
    caller = CallerSettings(name="ci", scopes=(), requests=own[0], cost=own[1])
    issuer = IssuerSettings(name="staff", issuer="https://login", audience="a", scopes=(), requests=own[0], cost=own[1])
    config = Config(accounts=(), server=ServerSettings(), callers=(caller,), issuers=(issuer,), budget=budget)

    share = divided(config, workers, PLATFORMS)

    for whole, part in (
        (budget.requests or REQUESTS, share.budget.requests),
        (budget.cost or COST, share.budget.cost),
        (own[0], share.callers[0].requests),
        (own[1], share.callers[0].cost),
        (own[0], share.issuers[0].requests),
        (own[1], share.issuers[0].cost),
    ):
        assert part == (None if whole is None else max(1, whole // workers))
    assert share.budget.cost_per_request == budget.cost_per_request


def test_where_nobody_is_known_nothing_is_limited_by_dividing() -> None:
    """Who asks nobody who he is has only those limits that are written down."""
    open_to_all = divided(Config(accounts=(), server=ServerSettings(), budget=Budget(cost=9)), 2, PLATFORMS)

    assert (open_to_all.budget.requests, open_to_all.budget.cost) == (None, 4)


def test_limits_that_are_kept_together_are_not_divided() -> None:
    """Where workers share a Redis each has the whole limits to keep with the others, a serial account too."""
    config = _config(SettledSettings(name="a", provider="settled", auth_token=Secret("s"), concurrency=1))

    assert divided(config, 8, PLATFORMS, is_shared=True) == config


def _config(account: SettledSettings) -> Config:
    return Config(accounts=(account,), server=ServerSettings())
