"""`POST /admin/forget`: who may have what forgotten, and what is asked again afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.rights import ANYBODY, EVERYTHING, Caller, Reach
from schema.ids import decode_id, encode_id
from schema.scopes import ALL_SCOPES, Scope
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWILIO, KORE = "twilio-supersim", "kore-supersim"
QUERY = """{ sims(first: 4) { nodes { id } } fleets(first: 4) { nodes { id } } esimProfiles(first: 4) { nodes { id } }
  commands(first: 4) { nodes { id __typename } } }"""
LISTS = ["ESimProfiles", "Fleets", "IpCommands", "Sims", "SmsCommands"]
CALLERS = (
    Caller("root", ALL_SCOPES, EVERYTHING),
    Caller("twilio admin", ALL_SCOPES, Reach(accounts=frozenset({TWILIO}))),
    Caller("reader", ALL_SCOPES - {Scope.ADMIN}, EVERYTHING),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    """It remembers everything for as long as the tests run."""
    async with a_world([TWILIO, KORE], sims=12, cache=CacheOptions(fresh=PATIENT), callers=CALLERS) as made:
        yield made


PATIENT = dict.fromkeys(("Sim", "PendingSim", "Fleet", "EsimProfile", "PendingEsimProfile", "Command"), 3600.0)


async def forget(world: World, body: Any, caller: str = "root") -> httpx.Response:
    return await world.as_(caller).http.post("/admin/forget", json=body)


async def remembered(world: World) -> dict[str, Any]:
    """Have everything remembered, and nothing counted that was asked for it."""
    data = await world.as_("root").data(QUERY)
    world.forget()
    return data


async def asked_again(world: World, name: str) -> list[str]:
    """The lists that are asked for anew."""
    await world.as_("root").data(QUERY)
    return sorted(each.path.rsplit("/", 1)[1] for each in world.arrived(name))


@pytest.mark.parametrize(
    ("body", "told", "twilio", "kore"),
    [
        ({}, [{"account": KORE}, {"account": TWILIO}], LISTS, LISTS),
        ({"account": TWILIO}, [{"account": TWILIO}], LISTS, []),
        ({"account": KORE, "type": "Fleet"}, [{"account": KORE, "type": "Fleet"}], [], ["Fleets"]),
        ({"account": TWILIO, "type": "Sim"}, [{"account": TWILIO, "type": "Sim"}], ["Sims"], []),
        (
            {"type": "Fleet"},
            [{"account": KORE, "type": "Fleet"}, {"account": TWILIO, "type": "Fleet"}],
            ["Fleets"],
            ["Fleets"],
        ),
        ({"account": TWILIO, "type": "IpCommand"}, [{"account": TWILIO, "type": "IpCommand"}], ["IpCommands"], []),
    ],
)
async def test_what_is_forgotten_is_asked_again(
    world: World, body: dict[str, str], told: list[dict[str, str]], twilio: list[str], kore: list[str]
):
    """And nothing else is."""
    await remembered(world)
    assert await asked_again(world, TWILIO) == await asked_again(world, KORE) == []

    answer = await forget(world, body)

    assert (answer.status_code, answer.json()) == (200, {"forgotten": told, "by": "this process"})
    assert await asked_again(world, TWILIO) == twilio
    assert await asked_again(world, KORE) == kore


@pytest.mark.parametrize(
    ("field", "lists"), [("sims", ["Sims"]), ("esimProfiles", ["ESimProfiles"]), ("fleets", ["Fleets"])]
)
async def test_a_thing_and_the_lists_it_may_be_in(world: World, field: str, lists: list[str]):
    """By its id."""
    thing = (await remembered(world))[field]["nodes"][0]["id"]
    account, kind, native_id = decode_id(thing)

    answer = await forget(world, {"id": thing})

    assert answer.json()["forgotten"] == [{"account": account, "type": kind, "nativeId": native_id}]
    assert await asked_again(world, account) == lists
    assert world.arrived(KORE if account == TWILIO else TWILIO) == []


async def test_who_sees_one_account_empties_that_alone(world: World):
    """Another one is told as one that is not there."""
    await remembered(world)

    foreign = [await forget(world, body, "twilio admin") for body in ({"account": KORE}, _sim_of(KORE))]
    missing = [await forget(world, body, "twilio admin") for body in ({"account": "kore"}, _sim_of("kore"))]
    everything = await forget(world, {}, "twilio admin")

    assert [each.status_code for each in foreign + missing] == [404] * 4
    assert [_words(each, KORE) for each in foreign] == [_words(each, "kore") for each in missing]
    assert everything.json()["forgotten"] == [{"account": TWILIO}]
    assert await asked_again(world, TWILIO) == LISTS
    assert await asked_again(world, KORE) == []


def _sim_of(account: str) -> dict[str, str]:
    return {"id": encode_id(account, "Sim", "HS1")}


def _words(answer: httpx.Response, name: str) -> str:
    return str(answer.json()["errors"]).replace(repr(name), "<name>")


async def test_who_may_not(world: World):
    """It takes the scope admin, and a caller that is known."""
    await remembered(world)

    reader = await forget(world, {}, "reader")
    nobody = await world.http.post("/admin/forget", json={})

    assert (reader.status_code, reader.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert (nobody.status_code, nobody.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert await asked_again(world, TWILIO) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], ["the body must be an object"]),
        ({"acount": "x", "type": "Sims"}, ["'acount': unknown key", "no such type"]),
        ({"account": None}, ["account: it must be text"]),
        ({"account": 1, "type": ["Sim"]}, ["account: it must be text", "type: it must be text"]),
        (
            {"id": "x", "account": TWILIO},
            ["'x' is not an id of this gateway", "id: it says account and type by itself"],
        ),
        (_sim_of("x") | {"type": "Sim"}, ["id: it says account"]),
        ({"id": encode_id("jobs", "Job", "1")}, ["id: nothing is remembered of a Job"]),
    ],
)
async def test_mistakes(world: World, body: Any, words: list[str]):
    """All of them are told together, and nothing is forgotten."""
    await remembered(world)

    answer = await forget(world, body)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert [each for each in words if each not in error["message"]] == []
    assert await asked_again(world, TWILIO) == []


async def test_only_json_by_post(world: World):
    """What another site's page can have a browser send is refused before anything else."""
    http = world.as_("root").http

    form = await http.post("/admin/forget", content=b"{}", headers={"content-type": "text/plain"})
    got = await http.get("/admin/forget")

    assert (form.status_code, got.status_code) == (415, 405)


async def test_without_callers_everybody_may():
    """As everything else."""
    assert ANYBODY.may(Scope.ADMIN)
    async with a_world([TWILIO], sims=4) as world:
        answer = await world.http.post("/admin/forget", json={})

    assert (answer.status_code, answer.json()["forgotten"]) == (200, [{"account": TWILIO}])
