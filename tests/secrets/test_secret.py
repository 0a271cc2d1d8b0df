"""A Secret is given away by `reveal()` and by nothing else, and another value may take its place."""

import copy
import gc
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass

import msgspec
import pytest

from gateway.protocols.twilio_doors import TwilioSettings
from gateway.secret import Secret, secret_texts
from gateway.upstream.auth import Basic, Header, TokenAuth

VALUE = "hunter2-and-more-of-it"


@dataclass
class Holder:
    secret: Secret


class Struct(msgspec.Struct):
    secret: Secret


def locals_of(secret: Secret) -> str:
    """A traceback with the value of every variable, as error reporters write it."""
    with pytest.raises(ValueError, match="Secret") as caught:
        failing(secret)
    return "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())


def failing(secret: Secret) -> None:
    held = Holder(secret)
    raise ValueError(secret, held)


WAYS: dict[str, Callable[[Secret], object]] = {
    "repr": repr,
    "str": str,
    "ascii": ascii,
    "format": lambda secret: f"{secret} {secret!s} {secret!r} {secret:>40} {{}}".format(secret),
    "percent": lambda secret: "%s %r %a" % (secret, secret, secret),  # noqa: UP031  one of the ways
    "pprint": lambda secret: pprint.pformat({"a": [secret] * 9, "b": Holder(secret)}),
    "asdict": lambda secret: (asdict(Holder(secret)), astuple(Holder(secret)), repr(Holder(secret))),
    "json": lambda secret: json.dumps({"a": secret}, default=str),
    "msgspec json": lambda secret: msgspec.json.encode(Struct(secret), enc_hook=str),
    "msgspec builtins": lambda secret: msgspec.to_builtins(Struct(secret), enc_hook=repr),
    "msgspec asdict": lambda secret: (msgspec.structs.asdict(Struct(secret)), repr(Struct(secret))),
    "copies": lambda secret: (copy.copy(secret), copy.deepcopy([secret])),
    "state": lambda secret: secret.__getstate__(),
    "log record": lambda secret: logging.LogRecord("a", 1, "b", 1, "%s %r", (secret, secret), None).getMessage(),
    "traceback": locals_of,
    "settings": lambda secret: repr(
        TwilioSettings(name="a", provider="b", account_sid="AC1", auth_token=secret, tags=("x",))
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_showing_shows_it(way: str) -> None:
    """Whatever is printed, formatted, dumped or copied, stars stand for it."""
    assert VALUE not in str(WAYS[way](Secret(VALUE)))


REFUSED: dict[str, Callable[[Secret], object]] = {
    "vars": vars,
    "json": json.dumps,
    "json of vars": lambda secret: json.dumps(secret, default=vars),
    "msgspec json": msgspec.json.encode,
    "msgspec msgpack": lambda secret: msgspec.msgpack.encode(Struct(secret)),
    "msgspec builtins": msgspec.to_builtins,
    "iteration": list,
    "hash": hash,
}


@pytest.mark.parametrize("way", REFUSED)
def test_what_cannot_be_done_fails_without_showing_it(way: str) -> None:
    """Encoders that know nothing of it raise, and their errors do not have it either."""
    with pytest.raises(TypeError) as caught:
        REFUSED[way](Secret(VALUE))

    assert VALUE not in str(caught.value)


async def test_what_proves_who_we_are_does_not_show_it() -> None:
    """Neither what makes headers nor the headers that are on their way through our own functions."""

    class Token:
        access_token, expires_in = VALUE, 60.0

    async def fetch(_secret: str) -> Token:
        return Token()

    auths = [Basic("user", Secret(VALUE)), Header(Secret(VALUE), lambda key: ("X", key))]
    headers = [await each.headers() for each in auths]
    tokens = TokenAuth(fetch, Secret("a-client-secret"), lambda: 0.0)
    headers.append(await tokens.headers())

    assert all(VALUE in each.get("X", VALUE) for each in headers)
    assert VALUE not in repr([*auths, tokens, *headers, {"headers": headers[1]}])


def test_workers_get_it() -> None:
    """Pickling is the one way to another process; what comes out is the same, and shows as little."""
    mine = Secret(VALUE)
    first, second = pickle.loads(pickle.dumps((Holder(mine), Struct(mine))))  # noqa: S301  our own

    assert first.secret == mine
    assert first.secret is second.secret
    assert VALUE not in repr(first)


def test_two_are_compared_by_value() -> None:
    """Equal when they reveal the same, also what is no UTF-8; equal to nothing else."""
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret(VALUE + "x")
    assert Secret("\udc80ä") == Secret("\udc80ä")
    assert Secret(VALUE) != VALUE


def test_a_successor_takes_its_place() -> None:
    """Whoever holds it reveals the new value; the one before is still looked for in logs."""
    secret = Secret("the-value-before")
    secret.replace(Secret("the-value-after"))

    assert secret.reveal() == "the-value-after"
    assert {"the-value-before", "the-value-after"} <= set(secret_texts())


def test_what_logs_look_for() -> None:
    """The value in every spelling, and the password of an address, for as long as anybody has the secret."""
    secrets = [Secret('pass word/"ä"'), Secret("redis://user:p%40ss-word@host:6379/0"), Secret("short")]
    texts = secret_texts()
    spelled = {'pass word/"ä"', "pass%20word%2F%22%C3%A4%22", "pass+word%2F%22%C3%A4%22", 'pass word/\\"\\u00e4\\"'}

    assert spelled | {secrets[1].reveal(), "p%40ss-word", "p@ss-word"} <= set(texts)
    assert "short" not in texts
    assert list(texts) == sorted(texts, key=len, reverse=True)
    del secrets
    gc.collect()
    another = Secret("another-value")
    assert another.reveal() in secret_texts()
    assert spelled.isdisjoint(secret_texts())
