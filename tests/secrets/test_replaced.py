"""A credential may be replaced while calls are made with it: none of them is lost, and none is made twice."""

import asyncio
from types import NoneType

import msgspec
import pytest

from gateway.account import OpenAccount
from gateway.opening import open_accounts
from gateway.page import PageRequest
from gateway.platform import Platform, Settings
from gateway.registry import platforms
from gateway.secret import Secret
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.upstream.auth import Auth, Basic, Header, TokenAuth
from gateway.where import SimWhere
from schema.errors import Denied, GatewayError
from tests.upstream.a_client import a_client
from tests.upstream.raw_server import Arrived, a_raw_server, answer
from tests.world import PATIENT, settings_of, simulator_of, ticking

OLD, NEW = "the-old-credential", "the-new-credential"
OK, REFUSED = answer(), answer(status="401 No")


def header(secret: Secret) -> Auth:
    return Header(secret, lambda key: ("X-Key", key))


async def test_the_next_call_has_the_new_one() -> None:
    """And until then the headers are the same object, which saves writing them for each call."""
    secret = Secret(OLD)
    auth = Basic("user", secret)
    before = await auth.headers()
    assert await auth.headers() is before
    secret.replace(Secret(NEW))

    assert auth.is_outdated(before)
    assert await auth.headers() != before
    assert not auth.is_outdated(await auth.headers())


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_call_that_was_under_way(method: str) -> None:
    """Refused after its credential had been replaced, it is made once more with the new one: a write, too, since one
    that is refused was not done."""
    secret = Secret(OLD)

    async def behave(arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        secret.replace(Secret(NEW))
        writer.write(OK if arrived.header("x-key") == NEW else REFUSED)

    async with a_raw_server(behave) as server, a_client(server.url, auth=header(secret)) as client:
        if method == "GET":
            await client.get("a", dict[str, str])
        else:
            await client.write("POST", "a", NoneType)

    assert [each.header("x-key") for each in server.requests] == [OLD, NEW]


@pytest.mark.parametrize("status", ["401 No", "403 No"])
async def test_a_wrong_one_is_tried_once(status: str) -> None:
    """Without a successor a refusal is a refusal."""

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status=status))

    async with a_raw_server(behave) as server, a_client(server.url, auth=header(Secret(OLD))) as client:
        with pytest.raises(Denied):
            await client.get("a", dict[str, str])

    assert len(server.requests) == 1


async def test_a_new_one_that_is_refused_too() -> None:
    """It is not tried again and again, however often it is replaced."""
    secret, refusals = Secret(OLD), 0

    async def behave(_arrived: Arrived, writer: asyncio.StreamWriter) -> None:
        nonlocal refusals
        refusals += 1
        secret.replace(Secret(f"{NEW}-{refusals}"))
        writer.write(REFUSED)

    async with a_raw_server(behave) as server, a_client(server.url, auth=header(secret)) as client:
        with pytest.raises(Denied):
            await client.get("a", dict[str, str])

    assert len(server.requests) == 2


# --- tokens --------------------------------------------------------------------------------------------------------


class Issued:
    """A token that says what it was asked for with."""

    expires_in = 3600.0

    def __init__(self, secret: str) -> None:
        self.access_token = f"token-of-{secret}"


async def test_a_token_of_the_old_one_is_dropped() -> None:
    """A token that was fetched with the credential before is not used any more, though it has not expired."""
    secret, asked = Secret(OLD), list[str]()

    async def fetch(with_: str) -> Issued:
        asked.append(with_)
        return Issued(with_)

    auth = TokenAuth(fetch, secret, lambda: 0.0)
    first, again = await auth.headers(), await auth.headers()
    secret.replace(Secret(NEW))
    second = await auth.headers()

    assert first is again
    assert auth.is_outdated(first)
    assert (asked, second["Authorization"]) == ([OLD, NEW], f"Bearer token-of-{NEW}")


async def test_a_token_being_fetched_with_the_old_one() -> None:
    """Where the issuer refuses what was replaced meanwhile, it is asked once more; where nothing was, it is not."""
    secret, asked = Secret(OLD), list[str]()

    async def fetch(with_: str) -> Issued:
        asked.append(with_)
        secret.replace(Secret(NEW))
        if with_ == OLD or len(asked) > 2:
            raise Denied("no")
        return Issued(with_)

    auth = TokenAuth(fetch, secret, lambda: 0.0)
    headers = await auth.headers()
    auth.refused(headers)
    with pytest.raises(Denied):
        await auth.headers()

    assert headers["Authorization"] == f"Bearer token-of-{NEW}"
    assert asked == [OLD, NEW, NEW]


# --- the whole -----------------------------------------------------------------------------------------------------


async def test_every_provider_takes_a_new_credential() -> None:
    """An account with a wrong credential is refused, and answers once that is replaced, whatever kind it is of."""
    known = platforms()
    simulators = {name: a_simulator(platform) for name, platform in known.items()}
    async with serving(SimulationHost(simulators)) as url:
        settings = [
            settings_of(known[name], each, f"{url}/{name}", name, **PATIENT) for name, each in simulators.items()
        ]
        accounts = open_accounts(settings, known)
        secrets = [secret for each in settings for secret in secrets_of(each)]
        right = [Secret(each.reveal()) for each in secrets]
        for each in secrets:
            each.replace(Secret("a-wrong-credential"))
        refused = [await came_of(each) for each in accounts.by_name.values()]
        for each, value in zip(secrets, right, strict=True):
            each.replace(value)
        answered = [await came_of(each) for each in accounts.by_name.values()]
        await accounts.aclose()

    assert len(secrets) == len(known)
    assert refused == ["DENIED"] * len(known)
    assert answered == ["2 SIMs"] * len(known)


def a_simulator(platform: Platform) -> Simulator:
    made = simulator_of(platform, SimulationOptions(2, 1, ticking(), {}))
    return (
        simulator_of(platform, SimulationOptions(2, 1, ticking(), {"rate": "0"})) if "rate" in made.switches else made
    )


def secrets_of(settings: Settings) -> list[Secret]:
    values = [getattr(settings, each.name) for each in msgspec.structs.fields(settings)]
    return [each for each in values if isinstance(each, Secret)]


async def came_of(account: OpenAccount) -> str:
    try:
        page = await account.ask("list_sims", (SimWhere(), PageRequest(5)))
    except GatewayError as error:
        return error.code.value
    return f"{len(page.items)} SIMs"
