"""An API key is known by its digest, for as long as it is good, and is shown nowhere."""

import logging
import pickle
import re
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.auth.complaints import MOST_A_SECOND, Complaints
from gateway.auth.identity import Identity
from gateway.auth.keys import KeyRing, NewKey, new_key
from gateway.auth.refusal import NOT_ACCEPTED, Unauthenticated
from gateway.rights import ANYBODY, Caller, Reach
from schema.ids import Key
from schema.scopes import Scope
from tests.auth.people import NOON, a_caller, kept

OLD, NEW, OTHER, STRANGE = new_key(), new_key(), new_key(), new_key()
HOUR = timedelta(hours=1)
CALLERS = (
    a_caller("ci", kept(OLD, expires=NOON + HOUR), kept(NEW, not_before=NOON), requests=7, cost=70),
    a_caller("ops", kept(OTHER), scopes=("admin", "pii:read"), accounts=("*",)),
)


def swapped(key: NewKey, other: NewKey) -> str:
    """One key's prefix with another's secret."""
    return f"sgw_{key.prefix}_{other.text.rpartition('_')[2]}"


class Tokens:
    """An issuer's: knows one token."""

    async def caller(self, token: str) -> Caller:
        if token != "e30.e30.sig":
            raise Unauthenticated(reason="issuer 'x': the signature is wrong")
        return Caller("x:7")


def identity(tokens: Tokens | None = None, *, hours: float = 0.5, clock: float = 0.0) -> Identity:
    """So many hours after noon."""
    return Identity(CALLERS, tokens, now=lambda: NOON + hours * HOUR, clock=lambda: clock)


async def refusal(identity: Identity, *headers: tuple[str, str]) -> str:
    """What is told to who comes with these headers."""
    with pytest.raises(Unauthenticated) as refused:
        await identity.caller(as_sent(*headers))
    return refused.value.message


def as_sent(*headers: tuple[str, str]) -> Headers:
    """Headers as a server hands them over."""
    return Headers(raw=[(name.encode(), value.encode("latin-1")) for name, value in headers])


def test_a_new_key() -> None:
    """It has the form that scanners look for, 256 random bits, and no two are alike."""
    keys = [new_key() for _ in range(200)]

    assert all(re.fullmatch(r"sgw_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}", key.text) for key in keys)
    assert all(key.text.split("_")[1] == key.prefix for key in keys)
    assert 62**43 > 2**256
    assert len({key.text for key in keys}) == len({key.sha256 for key in keys}) == 200
    assert set("".join(key.text[13:] for key in keys)) >= set("azAZ09")


def test_a_key_is_in_no_representation() -> None:
    """Neither what is made nor what is kept shows the key; what is made shows its prefix."""
    key = new_key()
    secret = key.text.rpartition("_")[2]
    known = KeyRing([a_caller("ci", kept(key))])
    shown = [
        repr(key),
        str(key),
        f"{key}",
        repr(kept(key)),
        repr(vars(known)),
        repr(Identity([a_caller("ci", kept(key))])),
    ]

    assert not any(secret in each for each in shown)
    assert key.prefix in repr(key)
    assert secret in asdict(key)["text"]  # it is there, for the one who asks for it
    assert secret not in msgspec.json.encode(kept(key)).decode()


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", f"Bearer {OTHER.text}")],
        [("Authorization", f"bearer   {OTHER.text}")],
        [("X-API-Key", OTHER.text)],
        [("x-api-key", f" {OTHER.text} ")],
    ],
)
async def test_a_key_is_its_callers(headers: list[tuple[str, str]]) -> None:
    """In either header, the caller has the scopes and accounts of his table."""
    assert await identity().caller(as_sent(*headers)) == Caller(
        "ops", frozenset({Scope.ADMIN, Scope.PII_READ}), Reach(is_all=True)
    )


async def test_what_a_table_gives() -> None:
    """Accounts, providers, tags, fleets and limits arrive as the caller's rights; a fleet's id may have a slash."""
    table = a_caller("a", kept(NEW), providers=("wayscloud",), tags=("eu",), fleets=("us/HF1", "us/a/b"), cost=5)
    caller = await Identity([table]).caller({"Authorization": f"Bearer {NEW.text}"})

    assert caller == Caller(
        "a",
        frozenset({Scope.SIMS_READ}),
        Reach(
            accounts=frozenset({"eu"}),
            providers=frozenset({"wayscloud"}),
            tags=frozenset({"eu"}),
            fleets=frozenset({Key("us", "HF1"), Key("us", "a/b")}),
        ),
        cost=5,
    )


@pytest.mark.parametrize(
    ("hours", "good"),
    [(-0.001, [OLD]), (0, [OLD, NEW]), (0.999, [OLD, NEW]), (1, [NEW]), (10_000, [NEW])],
)
def test_one_key_takes_over_from_another(hours: float, good: list[NewKey]) -> None:
    """Two keys of a caller are good together for as long as their times overlap, each from and until its moment."""
    ring, now = KeyRing(CALLERS), NOON + hours * HOUR
    found = []
    for key in (OLD, NEW):
        with suppress(Unauthenticated):
            found.append(ring.caller(key.text, now).name)

    assert found == ["ci"] * len(good)
    assert {ring.caller(key.text, now).requests for key in good} == {7}


@pytest.mark.parametrize(
    ("credential", "reason"),
    [
        (STRANGE.text, f"a key with the unknown prefix {STRANGE.prefix}"),
        (swapped(OTHER, NEW), f"key {OTHER.prefix} of caller 'ops': the rest of it is wrong"),
        (OTHER.text[:-1], "a key that has not the form of one"),
        (OTHER.text + "x", f"key {OTHER.prefix} of caller 'ops': the rest of it is wrong"),
        (OTHER.text + "x" * 100, "a key that has not the form of one"),
        (OTHER.text.swapcase().replace("SGW", "sgw"), None),
        (OLD.text, f"key {OLD.prefix} of caller 'ci': it has expired"),
        ("sgw_", "a key that has not the form of one"),
        ("e30.e30.sig", "a token was given, and no issuer is configured"),
    ],
    ids=range(9),  # keys are new each time
)
async def test_a_wrong_key(credential: str, reason: str | None, caplog: pytest.LogCaptureFixture) -> None:
    """The caller hears one sentence, whatever was wrong; the log names the prefix and the reason, and has no key."""
    told = await refusal(identity(hours=2), ("authorization", f"Bearer {credential}"))

    assert told == NOT_ACCEPTED
    assert len(caplog.messages) == 1
    assert reason is None or caplog.messages == [f"not let in: {reason}"]
    assert not any(secret.text.rpartition("_")[2] in caplog.text for secret in (OLD, NEW, OTHER, STRANGE))


@given(st.text(st.characters(max_codepoint=255), max_size=200) | st.from_regex(r"sgw_\w{8}_\w{43,60}", fullmatch=True))
def test_nothing_else_is_a_key(text: str) -> None:
    """Whatever is given in place of a key is refused in one way."""
    with pytest.raises(Unauthenticated) as refused:
        KeyRing(CALLERS).caller(text, NOON)

    assert refused.value.message == NOT_ACCEPTED
    assert len(text) < 20 or text not in str(refused.value.reason)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ([], "credentials are needed"),
        ([("accept", "*/*"), ("cookie", f"key={OTHER.text}")], "credentials are needed"),
        ([("authorization", f"Bearer {OTHER.text}"), ("x-api-key", OTHER.text)], "more than once"),
        ([("x-api-key", OTHER.text), ("X-Api-Key", OTHER.text)], "more than once"),
        ([("authorization", f"Bearer {OTHER.text}"), ("authorization", f"Bearer {NEW.text}")], "more than once"),
        ([("authorization", f"Basic {OTHER.text}")], "not of the form"),
        ([("authorization", OTHER.text)], "not of the form"),
        ([("authorization", "Bearer")], "not of the form"),
        ([("authorization", f"Bearer {OTHER.text}, Bearer {NEW.text}")], "not of the form"),
        ([("authorization", "Bearer \xe9")], "not of the form"),
        ([("x-api-key", "")], NOT_ACCEPTED),
        ([("x-api-key", "\xe9")], NOT_ACCEPTED),
    ],
)
async def test_credentials_that_cannot_be_read(headers: list[tuple[str, str]], told: str) -> None:
    """A credential comes once, in one header, in its form; what was wrong is told without it."""
    message = await refusal(identity(), *headers)

    assert told in message
    assert OTHER.text not in message


async def test_tokens_are_asked_for_what_is_no_key() -> None:
    """What does not begin as a key does is a token, and its refusal is the issuer's."""
    both = identity(Tokens())

    assert await both.caller({"authorization": "Bearer e30.e30.sig"}) == Caller("x:7")
    assert (await both.caller({"authorization": f"Bearer {OTHER.text}"})).name == "ops"
    assert await refusal(both, ("authorization", "Bearer e30.e30.sig2")) == NOT_ACCEPTED


async def test_who_is_not_asked_for() -> None:
    """Without callers and issuers everybody is let in, with any headers or none; with an issuer alone nobody is."""
    open_ = Identity()

    assert await open_.caller({}) is ANYBODY
    assert await open_.caller({"authorization": "Basic x"}) is ANYBODY
    assert await open_.known_by("x") is ANYBODY
    assert not open_.asks
    assert "needed" in await refusal(Identity((), Tokens()))


async def test_keys_are_replaced_at_run_time() -> None:
    """After that only the new ones are good; and where somebody was known once, an empty list lets nobody in."""
    running = Identity()
    running.replace(CALLERS, None)

    assert (await running.known_by(OTHER.text)).name == "ops"

    running.replace([a_caller("ops", kept(STRANGE))], None)

    assert (await running.known_by(STRANGE.text)).name == "ops"
    assert await refusal(running, ("x-api-key", OTHER.text)) == NOT_ACCEPTED

    running.replace([], None)

    assert await refusal(running, ("x-api-key", STRANGE.text)) == NOT_ACCEPTED
    assert "needed" in await refusal(running)


def test_a_caller_without_a_key_opens_nothing() -> None:
    """A table that no key belongs to is asked for credentials all the same."""
    assert Identity([a_caller("ci")]).asks


def test_workers_get_callers_as_they_are() -> None:
    """A caller's table is the same after being pickled for a worker."""
    assert pickle.loads(pickle.dumps(CALLERS)) == CALLERS  # noqa: S301 - our own bytes, as workers get them


def test_the_log_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    """A second has a few lines, however many are refused, and the next line says how many were left out."""
    caplog.set_level(logging.WARNING)
    now = [10.0]
    complaints = Complaints(lambda: now[0])
    for _ in range(1000):
        complaints.tell("a key with the unknown prefix x")

    assert len(caplog.messages) == MOST_A_SECOND

    now[0] = 11.0
    complaints.tell("again")
    complaints.tell("and again")

    assert caplog.messages[MOST_A_SECOND:] == [
        f"not let in: again (and {1000 - MOST_A_SECOND} more before)",
        "not let in: and again",
    ]
