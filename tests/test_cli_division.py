"""An account's limits divided among workers keep the account's limits."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.commands.division import divided
from gateway.commands.failure import Failure
from gateway.config import Config, ServerSettings
from gateway.platform import Platform
from gateway.provider import Provider
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


def test_limits_that_are_kept_together_are_not_divided() -> None:
    """Where workers share a Redis each has the whole limits to keep with the others, a serial account too."""
    config = _config(SettledSettings(name="a", provider="settled", auth_token=Secret("s"), concurrency=1))

    assert divided(config, 8, PLATFORMS, is_shared=True) == config


def _config(account: SettledSettings) -> Config:
    return Config(accounts=(account,), server=ServerSettings())
