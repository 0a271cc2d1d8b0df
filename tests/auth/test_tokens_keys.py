"""The keys of an issuer: fetched once, changed under way, used on while it is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.auth.jwks import KeySet, WrittenKeys
from gateway.auth.keyring import FRESH, OLDEST, PAUSE, PAUSE_AFTER_FAILURE, Keyring
from gateway.auth.refusal import IssuerGone, Unauthenticated
from gateway.auth.tokens import Tokens
from gateway.upstream.errand import ERRAND, Errand, errand
from tests.auth.issuer import ACCOUNTS, Clock, Issuer, SigningKey, a_key, an_issuer
from tests.virtual_time import run_in_virtual_time
from tests.waiting import until, until_true

LONG = 10 * 24 * 3600


@asynccontextmanager
async def a_world(*keys: SigningKey, **changed: Any) -> AsyncIterator[tuple[Issuer, Tokens, Clock]]:
    """An issuer, who accepts its tokens, and the clock of both. Any: settings are of several types."""
    clock = Clock()
    async with an_issuer(keys or None) as issuer:
        tokens = Tokens([issuer.settings(**changed)], ACCOUNTS, now=clock.now, clock=clock.monotonic)
        try:
            yield issuer, tokens, clock
        finally:
            await tokens.aclose()


def lasting(issuer: Issuer, key: SigningKey | None = None) -> str:
    """A token that outlives every test."""
    claims = issuer.claims()
    return issuer.token(key, exp=claims["exp"] + LONG)


async def is_accepted(tokens: Tokens, token: str) -> bool:
    try:
        await tokens.caller(token)
    except Unauthenticated:
        return False
    return True


async def test_a_hundred_who_name_an_unknown_key_ask_once():
    """However many come with a key that is not there, the issuer is asked once, and not again for 30 seconds."""
    async with a_world() as (issuer, tokens, clock):
        await tokens.caller(issuer.token())
        clock.seconds += PAUSE
        crowd = [issuer.token(a_key(f"made up {number}")) for number in range(100)]
        first = await asyncio.gather(*(is_accepted(tokens, each) for each in crowd))
        clock.seconds += PAUSE - 1
        second = await asyncio.gather(*(is_accepted(tokens, each) for each in crowd))

    assert not any(first + second)
    assert issuer.requests == ["/keys", "/keys"]


async def test_a_hundred_who_come_first_ask_once():
    """When a gateway has just begun, everybody waits for the same keys."""
    async with a_world() as (issuer, tokens, _):
        came = await asyncio.gather(*(is_accepted(tokens, issuer.token(sub=f"no {n}")) for n in range(100)))

    assert all(came)
    assert issuer.requests == ["/keys"]


async def test_keys_change_with_an_overlap():
    """A new key is found when a token names it, the old one is good as long as it is published, and no longer: also
    for a token that was good before."""
    async with a_world() as (issuer, tokens, clock):
        old, new = lasting(issuer), lasting(issuer, a_key("second"))
        before = [await is_accepted(tokens, each) for each in (old, new)]
        issuer.publish(a_key(), a_key("second"))
        clock.seconds += PAUSE
        between = [await is_accepted(tokens, each) for each in (old, new)]
        issuer.publish(a_key("second"))
        clock.seconds += FRESH
        await tokens.caller(new)

        async def is_old_refused() -> bool:
            return not await is_accepted(tokens, old)

        await until_true(is_old_refused)
        after = await is_accepted(tokens, new)

    assert (before, between, after) == ([True, False], [True, True], True)
    assert len(issuer.requests) == 3


async def test_another_key_under_the_same_name_ends_what_the_first_has_signed():
    """A token that is remembered is good only as long as the very key is there that has signed it."""
    async with a_world() as (issuer, tokens, clock):
        token = lasting(issuer)
        await tokens.caller(token)
        issuer.publish(SigningKey("first", "ES256", a_key("second").private))
        clock.seconds += OLDEST

        assert not await is_accepted(tokens, token)


async def test_an_issuer_that_shows_no_key_takes_all_back():
    """An empty set of keys is an answer: what they have signed is good no more."""
    async with a_world() as (issuer, tokens, clock):
        token = lasting(issuer)
        await tokens.caller(token)
        issuer.publish()
        clock.seconds += OLDEST

        assert not await is_accepted(tokens, token)


async def test_keys_are_renewed_behind_what_goes_on():
    """After ten minutes a request fetches them anew and does not wait for it."""
    async with a_world() as (issuer, tokens, clock):
        token = lasting(issuer)
        await tokens.caller(token)
        issuer.fault = 503
        clock.seconds += FRESH
        await tokens.caller(token)
        await until(lambda: len(issuer.requests) == 2)

        assert await is_accepted(tokens, token)


@pytest.mark.parametrize("fault", [500, 404, "redirect", "garbage", "large"])
async def test_an_issuer_that_is_gone_from_the_beginning(fault: int | str, caplog: pytest.LogCaptureFixture):
    """Until it gives keys nobody can say whether a token is good, which is told at once and without an address; it is
    asked again every five seconds, followed nowhere, and then all is well."""
    async with a_world() as (issuer, tokens, clock):
        issuer.fault = fault
        for _ in range(3):
            with pytest.raises(IssuerGone) as gone:
                await tokens.caller(issuer.token())
        clock.seconds += PAUSE_AFTER_FAILURE
        with pytest.raises(IssuerGone):
            await tokens.caller(issuer.token())
        asked = list(issuer.requests)
        issuer.fault = None
        clock.seconds += PAUSE_AFTER_FAILURE
        accepted = await is_accepted(tokens, issuer.token())

    assert (asked, accepted) == (["/keys", "/keys"], True)
    assert gone.value.retryable
    assert gone.value.retry_after == PAUSE_AFTER_FAILURE
    assert issuer.url not in str(gone.value) + caplog.text
    assert caplog.text.count("cannot be fetched") == 1


async def test_an_issuer_that_is_gone_later_is_trusted_for_a_day():
    """Keys are good for 24 hours after they came, while it is asked in vain; then nobody can say any more."""
    async with a_world() as (issuer, tokens, clock):
        token = lasting(issuer)
        await tokens.caller(token)
        issuer.fault = 503
        clock.seconds += OLDEST - 1
        late = await is_accepted(tokens, token)
        await until(lambda: len(issuer.requests) == 2)
        with pytest.raises(IssuerGone):
            await tokens.caller(issuer.token(a_key("unknown")))
        clock.seconds += 1
        with pytest.raises(IssuerGone):
            await tokens.caller(token)

    assert late


async def test_keys_are_found_by_discovery():
    """Without an address of the keys, the issuer's own description is asked for it."""
    async with a_world(jwks_url=None) as (issuer, tokens, _):
        accepted = await is_accepted(tokens, issuer.token())

    assert accepted
    assert issuer.requests == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "announced",
    [
        {"issuer": "https://other.example"},
        {"jwks_uri": "https://keys.example/keys"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
        {"jwks_uri": "file:///etc/keys"},
        {"jwks_uri": "http://[::1"},
    ],
)
async def test_discovery_leads_nowhere_else(announced: dict[str, str], caplog: pytest.LogCaptureFixture):
    """A description of another issuer, or with keys elsewhere, is not followed."""
    async with a_world(jwks_url=None) as (issuer, tokens, _):
        issuer.announced = announced
        with pytest.raises(IssuerGone):
            await tokens.caller(issuer.token())

    assert issuer.requests == ["/.well-known/openid-configuration"]
    assert "the issuer announces" in caplog.text


async def test_keys_from_a_file_need_no_issuer(tmp_path: Path):
    """With `jwks_file` nobody is asked."""
    file = tmp_path / "keys.json"
    file.write_bytes(msgspec.json.encode({"keys": [a_key().written]}))
    async with a_world(jwks_url=None, jwks_file=str(file)) as (issuer, tokens, _):
        accepted = await is_accepted(tokens, issuer.token())

    assert (accepted, issuer.requests) == (True, [])


async def test_a_file_that_was_changed_holds_at_once(tmp_path: Path):
    """When the configuration is read again, a key that is no longer in the file checks nothing any more."""
    file = tmp_path / "keys.json"
    file.write_bytes(msgspec.json.encode({"keys": [a_key().written]}))
    async with a_world(jwks_url=None, jwks_file=str(file)) as (issuer, tokens, clock):
        await tokens.caller(issuer.token())
        file.write_bytes(msgspec.json.encode({"keys": [a_key("second").written]}))
        settings = issuer.settings(jwks_url=None, jwks_file=str(file))
        again = Tokens([settings], ACCOUNTS, older=tokens, now=clock.now, clock=clock.monotonic)
        accepted = [await is_accepted(again, issuer.token(key)) for key in (a_key(), a_key("second"))]
        await again.aclose()

    assert accepted == [False, True]


async def test_keys_are_fetched_on_nobodys_errand():
    """What a caller's request costs has nothing to do with who first needs the keys."""
    async with a_world() as (issuer, tokens, _):
        before = ERRAND.set(Errand())
        await tokens.caller(issuer.token())
        calls = errand().calls
        ERRAND.reset(before)

    assert (calls, issuer.requests) == (0, ["/keys"])


async def test_who_takes_over_goes_on_with_the_keys():
    """When the configuration is read again, keys from the same place are not fetched again; from another they are."""
    async with a_world() as (issuer, tokens, clock):
        await tokens.caller(issuer.token())
        issuer.fault = 503
        again = Tokens([issuer.settings(scopes=())], ACCOUNTS, older=tokens, now=clock.now, clock=clock.monotonic)
        other = Tokens([issuer.settings(jwks_url=None)], ACCOUNTS, older=tokens, now=clock.now, clock=clock.monotonic)
        caller = await again.caller(issuer.token())
        with pytest.raises(IssuerGone):
            await other.caller(issuer.token())
        await again.aclose()
        await other.aclose()

    assert not caller.scopes


class _Stuck:
    """A source that never answers."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False

    async def keys(self) -> KeySet:
        self.asked += 1
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits that long")

    async def aclose(self) -> None:
        self.closed = True


def test_nobody_waits_for_an_issuer_for_ever():
    """An issuer that does not answer is gone after ten seconds."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        keyring = Keyring("idp", _Stuck(), loop.time)
        with pytest.raises(IssuerGone):
            await keyring.find("first", "ES256")
        return loop.time()

    assert run_in_virtual_time(main()) == 10.0


def test_closing_ends_what_is_under_way():
    """Who waits for keys when the process ends is told that they are not there; nobody is asked after that."""

    async def main() -> tuple[int, bool]:
        source = _Stuck()
        keyring = Keyring("idp", source, asyncio.get_running_loop().time)
        waiting = asyncio.create_task(keyring.find("first", "ES256"))
        await asyncio.sleep(1)
        await keyring.aclose()
        with pytest.raises(IssuerGone):
            await waiting
        await asyncio.sleep(PAUSE)
        with pytest.raises(IssuerGone):
            await keyring.find("first", "ES256")
        return source.asked, source.closed

    assert run_in_virtual_time(main()) == (1, True)


def test_who_leaves_leaves_the_others_their_keys():
    """A caller who gives up does not end what others wait for."""

    class Slow(_Stuck):
        async def keys(self) -> KeySet:
            await asyncio.sleep(5)
            return KeySet(WrittenKeys([a_key().written]), ["ES256"])

    async def main() -> object:
        keyring = Keyring("idp", Slow(), asyncio.get_running_loop().time)
        leaves, stays = (asyncio.create_task(keyring.find("first", "ES256")) for _ in range(2))
        await asyncio.sleep(1)
        leaves.cancel()
        return await stays

    assert run_in_virtual_time(main()) is not None


def test_a_mistake_of_ours_is_no_good_token(caplog: pytest.LogCaptureFixture):
    """What nobody foresaw while keys are read leaves them unknown, and is in the log with its traceback."""

    class Broken(_Stuck):
        async def keys(self) -> KeySet:
            raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(IssuerGone):
            await Keyring("idp", Broken(), asyncio.get_running_loop().time).find("first", "ES256")

    run_in_virtual_time(main())

    assert "ZeroDivisionError" in caplog.text
