"""Every field of every type, asked by callers of every kind, gives what the table of scopes says and nothing else."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from gateway.cache.options import CacheOptions
from gateway.rights import EVERYTHING, Caller, Reach
from schema import build_schema
from schema.ids import encode_id
from schema.scopes import ALL_SCOPES, NEEDS, SCOPE_OF_KIND, Needs, Scope
from tests.access.ways import Step, Way, at, document, names, types_of, ways
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMA = build_schema()
NAMES = ("twilio-supersim", "cisco-control-center", "wayscloud", "twilio-wireless")
"""Between them, something of every type."""
OWN = "wayscloud"
"""The one account of the stranger; what is asked for by id is of another one."""
TOGETHER = 10
"""Fields that are asked for in one request."""

ALL = Caller("all", ALL_SCOPES, EVERYTHING)
STRANGER = Caller("stranger", ALL_SCOPES, Reach(accounts=frozenset({OWN})))
LACKING = {scope: Caller(f"no-{scope.name.lower()}", ALL_SCOPES - {scope}, EVERYTHING) for scope in Scope}

Place = tuple[str, str]
Told = tuple[str, list[str]]
"""What became of a field: given, masked or refused; and at which response path."""


@dataclass(frozen=True)
class Ground:
    """A world, what to name in it for each caller, and the way to each field."""

    world: World
    ids: Mapping[str, Mapping[str, str]]
    fields: Mapping[Place, Way]

    def documents(self, caller: Caller, fields: Mapping[Place, Way]) -> Iterator[tuple[str, dict[str, Place]]]:
        """Documents that ask for all these fields, and which of them stands under which name."""
        for root in ("Query", "Mutation"):
            places = [place for place, way in fields.items() if way[0].of == root]
            for start in range(0, len(places), TOGETHER):
                asked = {f"f{number}": place for number, place in enumerate(places[start : start + TOGETHER])}
                ways_to = {name: fields[place] for name, place in asked.items()}
                yield document(SCHEMA, ways_to, self.ids[caller.name]), asked

    async def answers(
        self, caller: Caller, fields: Mapping[Place, Way]
    ) -> list[tuple[dict[str, Any], dict[str, Place]]]:
        world = self.world.as_(caller.name)
        return [(await world.ask(text), asked) for text, asked in self.documents(caller, fields)]

    async def an_id_of(self, kind: str) -> str:
        """The id of something of this kind."""
        way = self.fields[kind, "id"]
        world = self.world.as_(ALL.name)
        data = await world.data(document(SCHEMA, {"a": way}, self.ids[ALL.name]))
        found: str = at(data, names("a", way))[0]
        return found

    async def told(self, caller: Caller, fields: Mapping[Place, Way]) -> dict[Place, Told]:
        """What became of each of these fields."""
        return {
            place: _told(answer, name, fields[place])
            for answer, asked in await self.answers(caller, fields)
            for name, place in asked.items()
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground() -> AsyncIterator[Ground]:
    """No pace of accounts or simulators is kept: what is waited for here proves nothing."""
    callers = (ALL, STRANGER, *LACKING.values())
    async with a_world(
        NAMES, sims=20, cache=CacheOptions(), unhurried=True, callers=callers, calls=10_000, window=1.0
    ) as world:
        ids = await _ids(world.as_(ALL.name))
        of_caller = {each.name: {**ids, "job": await _job(world.as_(each.name), ids)} for each in callers}
        of_caller[STRANGER.name] = of_caller[ALL.name]
        yield Ground(world, of_caller, await _fields(world.as_(ALL.name), of_caller[ALL.name]))


async def _ids(world: World) -> dict[str, str]:
    lists = {"sim": "sims", "fleet": "fleets", "network": "networks", "profile": "networkAccessProfiles",
             "plan": "ratePlans", "command": "commands"}  # fmt: skip
    rows = "(first: 1, filter: {accounts: [%s]}) { nodes { id } }"
    text = " ".join(f"{name}: {field}{rows % _source(name)}" for name, field in lists.items())
    data = await world.data(f"{{ {text} }}")
    return {"account": NAMES[0]} | {name: data[name]["nodes"][0]["id"] for name in lists}


def _source(name: str) -> str:
    return '"twilio-wireless"' if name == "plan" else '"twilio-supersim"'


async def _job(world: World, ids: Mapping[str, str]) -> str:
    """A job of the caller's own; nothing where he may not have one."""
    query = "mutation($sim: ID!) { updateSims(input: {select: {ids: [$sim]}, status: ACTIVE}) { job { id } } }"
    answer = await world.ask(query, {"sim": ids["sim"]})
    return ((answer["data"]["updateSims"] or {}).get("job") or {}).get("id") or "none"


async def _fields(world: World, ids: Mapping[str, str]) -> dict[Place, Way]:
    """For each field of each type a way on which something of that type is found."""
    to = ways(SCHEMA)
    return {
        (each.name, field): (*way, Step(each.name, field))
        for each in types_of(SCHEMA)
        for way in [await _way(world, each.name, to[each.name], ids)]
        for field in each.fields
    }


async def _way(world: World, type_name: str, candidates: list[Way], ids: Mapping[str, str]) -> Way:
    for way in candidates:
        if not way:
            return way
        answer = await world.ask(document(SCHEMA, {"a": way}, ids))
        if {"__typename": type_name} in at(answer["data"], names("a", way)):
            return way
    raise AssertionError(f"nothing in the world leads to a {type_name}")


def _told(answer: dict[str, Any], name: str, way: Way) -> Told:
    """What became of the field at the end of a way. Masked or refused, it has no value anywhere."""
    masked = [path.split(".") for path in answer.get("extensions", {}).get("masked", [])]
    told = [("masked", path) for path in masked if path[0] == name]
    told += [("refused", _path(each)) for each in _errors(answer, "FORBIDDEN") if each["path"][0] == name]
    if not told:
        return "given", names(name, way)[1:]
    assert at(answer["data"], names(name, way)) == []
    assert all(each == told[0] for each in told)
    return told[0][0], told[0][1][1:]


def _errors(answer: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [each for each in answer.get("errors", []) if each["extensions"]["code"] == code]


def _path(error: dict[str, Any]) -> list[str]:
    return [each for each in error["path"] if isinstance(each, str)]


def _due(way: Way, scopes: frozenset[Scope]) -> Told:
    """What must become of the field at the end of a way: the first that is closed on it decides."""
    for length, step in enumerate(way, 1):
        verdict = _verdict(NEEDS[step.of, step.field], scopes)
        if verdict != "given":
            return verdict, names("", way[:length])[1:]
    return "given", names("", way)[1:]


def _verdict(needs: Needs, scopes: frozenset[Scope]) -> str:
    if not needs or any(choice <= scopes for choice in needs):
        return "given"
    return "masked" if any(choice <= scopes | {Scope.PII_READ} for choice in needs) else "refused"


def _takes(way: Way, scope: Scope) -> bool:
    """Whether any field on the way has to do with the scope."""
    return any(scope in choice for step in way for choice in NEEDS[step.of, step.field])


async def test_who_has_every_right_is_given_every_field(ground: Ground):
    """With all scopes and all accounts no field is masked or refused, and none fails in a way nobody foresaw."""
    told = await ground.told(ALL, ground.fields)

    assert told == {place: ("given", names("", way)[1:]) for place, way in ground.fields.items()}


@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.value)
async def test_who_lacks_a_scope_lacks_its_fields(ground: Ground, scope: Scope):
    """Without one scope, each field that takes it, itself or on the way to it, is masked or refused where the table
    says; every other is given."""
    concerned = {place: way for place, way in ground.fields.items() if _takes(way, scope)}
    told = await ground.told(LACKING[scope], concerned)

    assert told == {place: _due(way, LACKING[scope].scopes) for place, way in concerned.items()}
    assert concerned or scope is Scope.ADMIN


async def test_who_lacks_the_scope_of_a_kind_cannot_load_it(ground: Ground):
    """By its id a thing is refused to whoever has no scope for its kind, even where no field of it is asked for; with
    the scope it is there."""
    for kind, scope in SCOPE_OF_KIND.items():
        query = f'{{ node(id: "{await ground.an_id_of(kind)}") {{ __typename }} }}'
        refused = await ground.world.as_(LACKING[scope].name).ask(query)

        assert refused["data"] == {"node": None}
        assert [(each["extensions"]["code"], each["path"]) for each in refused["errors"]] == [("FORBIDDEN", ["node"])]
        assert scope.value in refused["errors"][0]["message"]
        assert await ground.world.as_(ALL.name).data(query) == {"node": {"__typename": kind}}


async def test_what_is_refused_by_its_kind_is_not_asked_for(ground: Ground):
    """No provider hears of the id; it does as soon as somebody with the scope asks."""
    nobody = "HS" + "0" * 32
    query = f'{{ node(id: "{encode_id(NAMES[0], "Sim", nobody)}") {{ __typename }} }}'

    def heard() -> bool:
        return any(nobody in each.path for each in ground.world.arrived(NAMES[0]))

    await ground.world.as_(LACKING[Scope.SIMS_READ].name).ask(query)
    assert not heard()
    assert await ground.world.as_(ALL.name).data(query) == {"node": None}
    assert heard()


async def test_who_is_nobody_is_given_nothing(ground: Ground):
    """Without a key there is no data, whatever is asked for."""
    for text, _ in ground.documents(ALL, ground.fields):
        response = await ground.world.http.post("/graphql", json={"query": text})

        assert response.status_code == 401
        answer = response.json()
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["UNAUTHENTICATED"]
        assert not answer.get("data")


async def test_other_peoples_accounts_do_not_exist(ground: Ground):
    """With all scopes, but for another account: no other is asked, and nothing of it is in any answer."""
    ground.world.forget()
    answers = await ground.answers(STRANGER, ground.fields)

    others = set(NAMES) - {OWN}
    assert ground.world.count().keys() <= {OWN}
    for answer, asked in answers:
        assert [text for text in _strings(answer) if _is_of(text, others)] == [], asked


async def test_other_peoples_things_cannot_be_changed(ground: Ground):
    """A change of what is in another account is refused, also where it is only tried."""
    outcomes = {
        ("Mutation", name): (Step("Mutation", name), Step(field.type.name, "outcome"))
        for name, field in SCHEMA.type_map["Mutation"].fields.items()
    }
    told = {
        place[1]: at(answer["data"], names(name, outcomes[place]))
        for answer, asked in await ground.answers(STRANGER, outcomes)
        for name, place in asked.items()
    }

    assert told == {name: ["REFUSED"] for name in SCHEMA.type_map["Mutation"].fields}


def _strings(value: Any) -> Iterator[str]:
    """Every text in an answer but messages, which may repeat what the caller has said."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "message":
                yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str):
        yield value


def _is_of(text: str, accounts: set[str]) -> bool:
    """Whether it is the name of one of these accounts, or the id of something in it."""
    starts = tuple(urlsafe_b64encode(name.encode()[: len(name) // 3 * 3]).decode() for name in accounts)
    return text in accounts or text.startswith(starts)
