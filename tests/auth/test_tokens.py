"""Tokens of an issuer that is really asked for its keys: which are good, and what is said of the others."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.auth.issuers import IssuerSettings
from gateway.auth.presented import presented
from gateway.auth.refusal import NOT_ACCEPTED, Unauthenticated
from gateway.auth.tokens import Tokens
from schema.scopes import Scope
from tests.auth.issuer import ACCOUNTS, START, Clock, Issuer, SigningKey, a_key, an_issuer, encoded, forged

Make = Callable[[Issuer], str]


@asynccontextmanager
async def tokens_of(*issuers: IssuerSettings, clock: Clock | None = None) -> AsyncIterator[Tokens]:
    clock = clock or Clock()
    tokens = Tokens(issuers, ACCOUNTS, now=clock.now, clock=clock.monotonic)
    try:
        yield tokens
    finally:
        await tokens.aclose()


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES512", "EdDSA"])
async def test_a_good_token_is_its_subjects(algorithm: str):
    """A token that the issuer's key has signed for us is a caller: named, with the scopes and accounts it is given."""
    key = a_key(f"key-{algorithm}", algorithm)
    async with an_issuer([key]) as issuer, tokens_of(issuer.settings(algorithms=(algorithm,))) as tokens:
        caller = await tokens.caller(issuer.token(key, aud=["https://other.example", "https://sims.example"]))

    assert (caller.name, caller.scopes) == ("idp:somebody", {Scope.SIMS_READ})
    assert caller.reach.accounts == {"eu", "us", "jp"}


async def test_each_issuer_has_its_own_keys_and_rights():
    """A token is checked with the keys of the issuer it names, and given what that one may give."""
    async with an_issuer([a_key("one")]) as one, an_issuer([a_key("two")]) as two:
        second = two.settings(name="partner", accounts=(), tags=("road",))
        async with tokens_of(one.settings(), second) as tokens:
            caller = await tokens.caller(two.token(a_key("two")))
            with pytest.raises(Unauthenticated):
                await tokens.caller(two.token(a_key("one")))

    assert (caller.name, caller.reach.accounts) == ("partner:somebody", {"eu", "jp"})


def with_its_key(changed: dict[str, Any], **header: Any) -> Make:
    return lambda issuer: a_key().signed(issuer.claims(**changed), **header)


def altered(issuer: Issuer) -> str:
    """The words of one token under the signature of another."""
    one, two = issuer.token().split("."), issuer.token(scope="sims:read admin").split(".")
    return ".".join([*two[:2], one[2]])


def endless(issuer: Issuer) -> str:
    """JSON that is infinite in Python."""
    claims = json.dumps(issuer.claims(exp=inf)).replace("Infinity", "1e999").encode()
    return jwt.PyJWS().encode(claims, a_key().private, "ES256", headers={"kid": "first"})


def under_its_name(key: SigningKey) -> Make:
    """Signed with another key, as if it were the issuer's."""
    return lambda issuer: SigningKey("first", key.algorithm, key.private).signed(issuer.claims())


def as_it_is(token: str) -> Make:
    return lambda _issuer: token


DEEP = ".".join([encoded({"alg": "ES256"}), encoded(b'{"iss":' + b"[" * 4000), "AAAA"])

NEITHER, UNREADABLE, NO_KEY = "neither a key nor a token", "cannot be read", "does not have"
BAD: dict[str, tuple[Make, str]] = {
    "another audience": (with_its_key({"aud": "https://other.example"}), "InvalidAudienceError"),
    "no audience": (with_its_key({"aud": None}), "MissingRequiredClaimError"),
    "another issuer": (with_its_key({"iss": "https://other.example"}), "issuer that is not configured"),
    "no issuer": (with_its_key({"iss": None}), UNREADABLE),
    "expired": (with_its_key({"exp": START - 31}), "that has expired"),
    "no end": (with_its_key({"exp": None}), "MissingRequiredClaimError"),
    "an end that is no number": (with_its_key({"exp": "never"}), "exp is no time"),
    "an end beyond all numbers": (with_its_key({"exp": 10**400}), "exp is no time"),
    "an end that is yes": (with_its_key({"exp": True}), "exp is no time"),
    "an end that is infinite": (endless, "exp is no time"),
    "an end that is no JSON": (with_its_key({"exp": inf}), UNREADABLE),
    "not yet good": (with_its_key({"nbf": START + 31}), "not valid yet"),
    "made later": (with_its_key({"iat": START + 31}), "not valid yet"),
    "nobody's": (with_its_key({"sub": None}), "is no name"),
    "an empty name": (with_its_key({"sub": ""}), "is no name"),
    "a name of 256": (with_its_key({"sub": "x" * 256}), "is no name"),
    "a name with a line break": (with_its_key({"sub": "a\nb"}), "is no name"),
    "another's key under its name": (under_its_name(a_key("other")), "InvalidSignatureError"),
    "a key of another kind under its name": (under_its_name(a_key("first", "ES384")), NO_KEY),
    "a key of no name where there are two": (lambda issuer: a_key().signed(issuer.claims(), kid=None), NO_KEY),
    "altered": (altered, "InvalidSignatureError"),
    "signed with the public key": (lambda issuer: forged(issuer.claims(), a_key(), "HS256"), "an algorithm"),
    "signed with nothing": (lambda issuer: forged(issuer.claims(), a_key(), "none") + "AA", "an algorithm"),
    "no signature": (lambda issuer: forged(issuer.claims(), a_key(), "none"), NEITHER),
    "an extension nobody knows": (with_its_key({}, crit=["exotic"], exotic=1), "InvalidTokenError"),
    "too large": (with_its_key({"more": "x" * 8192}), NEITHER),
    "nested too deep": (as_it_is(DEEP), UNREADABLE),
    "encrypted": (as_it_is("a.b.c.d.e"), NEITHER),
    "nothing": (as_it_is(""), NEITHER),
    "no ASCII": (lambda issuer: issuer.token() + "é", NEITHER),
    "no JSON": (as_it_is("AAAA.AAAA.AAAA"), UNREADABLE),
    "no base64": (as_it_is("A.A.A"), UNREADABLE),
}


async def test_no_bad_token_is_let_in(caplog: pytest.LogCaptureFixture):
    """A token that is wrong in any one way is refused; no token, claim or address is in what is said or logged, and the
    issuer is asked for its keys once."""
    caplog.set_level(logging.DEBUG)
    told: dict[str, str] = {}
    async with (
        an_issuer([a_key(), a_key("second")]) as issuer,
        tokens_of(issuer.settings(algorithms=("ES256", "ES384"))) as tokens,
    ):
        await tokens.caller(issuer.token())
        for name, (make, reason) in BAD.items():
            token = make(issuer)
            with pytest.raises(Unauthenticated) as refused:
                await tokens.caller(token)
            told[name] = str(refused.value)
            assert reason in str(refused.value.reason), name
            written = f"{refused.value} {refused.value.reason} {refused.value.__cause__} {caplog.text}"
            assert not any(each and each in written for each in (token, issuer.url, "somebody")), name

    assert issuer.requests == ["/keys"]
    assert {name for name, text in told.items() if text != NOT_ACCEPTED} == {"expired", "not yet good", "made later"}


@given(st.one_of(st.text(), st.lists(st.one_of(st.text(), st.binary().map(encoded))).map(".".join)))
@example(".".join([encoded({"alg": "ES256", "kid": 1}), encoded({"iss": "x"}), "AAAA"]))
@example(".".join([encoded({"alg": "ES256"}), encoded(b'{"iss": "\xff"}'), "AAAA"]))
@example(".".join([encoded(b"\xef\xbb\xbf{}"), encoded(["iss"]), "AAAA"]))
def test_any_text_is_a_token_or_is_refused(text: str):
    """Whatever somebody sends in place of a token, nothing else comes of it than that it is not accepted."""
    with pytest.raises(Unauthenticated):
        presented(text)


async def test_clocks_may_differ_a_little():
    """Within the skew a token is good that has just expired, and one that is good from a moment later on."""
    clock = Clock()
    async with (
        an_issuer() as issuer,
        tokens_of(issuer.settings(clock_skew=30.0), clock=clock) as tokens,
    ):
        early = await tokens.caller(issuer.token(nbf=START + 29, iat=START + 29, exp=START + 60))
        clock.seconds = START + 89
        late = await tokens.caller(issuer.token(exp=START + 60))

    assert early == late


async def test_a_token_that_is_remembered_expires():
    """A good token is good until its end and no longer, although it is not checked again each time."""
    clock = Clock()
    async with an_issuer() as issuer, tokens_of(issuer.settings(), clock=clock) as tokens:
        token = issuer.token(exp=START + 100)
        first = await tokens.caller(token)
        clock.seconds = START + 129
        second = await tokens.caller(token)
        clock.seconds = START + 130
        with pytest.raises(Unauthenticated, match="expired"):
            await tokens.caller(token)

    assert second is first


async def test_a_type_that_is_asked_for_must_be_there():
    """With `token_type` an issuer's other tokens, as those that prove a login, are not accepted."""
    async with an_issuer() as issuer, tokens_of(issuer.settings(token_type="at+jwt")) as tokens:
        for given in ("at+JWT", "application/at+jwt"):
            await tokens.caller(a_key().signed(issuer.claims(), typ=given))
        for given in ("JWT", None):
            with pytest.raises(Unauthenticated):
                await tokens.caller(a_key().signed(issuer.claims(), typ=given))


async def test_a_token_without_a_key_name_takes_the_only_key():
    """Where the issuer has one key for the algorithm, a token need not name it."""
    async with an_issuer() as issuer, tokens_of(issuer.settings()) as tokens:
        caller = await tokens.caller(a_key().signed(issuer.claims(), kid=None))

    assert caller.name == "idp:somebody"
