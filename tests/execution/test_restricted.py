"""Nothing that is closed to a caller is resolved, asked for or changed, and he is told what he lacks."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLError, parse, validate

import schema
from gateway.execution.bars import bars_for
from gateway.execution.restricted import Executed, run
from gateway.server.answer import told_errors
from schema.command import SmsCommand
from schema.connection import Connection, Edge, PageInfo
from schema.errors import Forbidden
from schema.ids import encode_id
from schema.inputs import UpdateSimInput
from schema.job import JobPayload
from schema.relation import Loaders
from schema.scopes import ALL_SCOPES, Scope
from schema.sim import Sim
from schema.write import WriteOutcome, Written

SCHEMA = schema.build_schema()
SIM_ID = encode_id("a", "Sim", "HS1")
JOB_ID = encode_id("jobs", "Job", "7")


def a_sim(native_id: str) -> Sim:
    """A row of a list that leaves things out."""
    sim = Sim(native_id=native_id, name="pump", is_complete=False)
    sim.account_name = "a"
    return sim


class Asked:
    """A context that notes what is asked of it, and has two SIMs."""

    def __init__(self) -> None:
        self.loaders = Loaders()
        self.asked: list[str] = []
        self.written: list[object] = []

    def account(self, name: str) -> Any:
        return SimpleNamespace(name=name, id="x")

    async def page(self, kind: type, *_args: object) -> Connection[Any]:
        self.asked.append(f"page {kind.__name__}")
        things = [a_sim("HS1"), a_sim("HS2")] if kind is Sim else [SmsCommand(native_id="HC1", payload="secret")]
        edges = [Edge(node=each, place=lambda: "c") for each in things]
        return Connection(edges=edges, page_info=PageInfo(has_next_page=False), problems=[])

    async def load(self, kind: type, keys: Sequence[Any]) -> list[Any]:
        self.asked.append(f"load {kind.__name__}")
        return [a_sim(key.native_id) for key in keys]

    async def complete(self, sims: Sequence[Sim]) -> list[Sim]:
        self.asked.append("complete")
        return [Sim(native_id=sim.native_id, imsi="310150123456789", eid="890490") for sim in sims]

    async def pages_of(self, kind: type, parents: Sequence[object], _args: object) -> list[None]:
        self.asked.append(f"pages_of {kind.__name__}")
        return [None] * len(parents)

    async def write(self, wanted: object) -> Written:
        self.written.append(wanted)
        return Written(WriteOutcome.APPLIED, a_sim("HS1"))

    async def cancel_job(self, native_id: str) -> JobPayload:
        self.written.append(native_id)
        return JobPayload(outcome=WriteOutcome.PENDING)


async def ask(context: Asked, query: str, scopes: frozenset[Scope], **variables: object) -> Executed:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    return await run(SCHEMA, document, scopes=scopes, context=context, variables=variables)


def without(*scopes: Scope) -> frozenset[Scope]:
    return ALL_SCOPES - set(scopes)


def forbidden(errors: Sequence[GraphQLError] | None) -> list[tuple[list[Any], str]]:
    """Where something was refused, and how; every error must be a refusal."""
    told = told_errors(errors or [])
    assert {each["extensions"]["code"] for each in told} <= {"FORBIDDEN"}
    return [(each["path"], each["message"]) for each in told]


def test_who_may_do_all_has_nothing_closed():
    """For a caller with every scope, or every one but admin, nothing stands before any field."""
    assert bars_for(ALL_SCOPES) == {}
    assert bars_for(without(Scope.ADMIN)) == {}


async def test_who_may_do_all_is_given_all():
    """With every scope nothing is masked or refused."""
    context = Asked()

    done = await ask(context, "{ sims { nodes { imsi } } }", ALL_SCOPES)

    assert done.result.errors is None
    assert done.result.data == {"sims": {"nodes": [{"imsi": "310150123456789"}] * 2}}
    assert done.masked == []


async def test_what_is_masked_is_never_asked_for():
    """Without pii:read an IMSI is null without an error, and the provider is not asked for it."""
    context = Asked()

    done = await ask(
        context, "{ sims { nodes { name imsi msisdn ipAddresses { address } } } }", without(Scope.PII_READ)
    )

    row = {"name": "pump", "imsi": None, "msisdn": None, "ipAddresses": None}
    assert done.result.errors is None
    assert done.result.data == {"sims": {"nodes": [row, row]}}
    assert done.masked == ["sims.nodes.imsi", "sims.nodes.ipAddresses", "sims.nodes.msisdn"]
    assert context.asked == ["page Sim"]


async def test_what_is_masked_is_told_by_the_names_of_the_answer():
    """Masked paths are those of the response: aliases, each once however many rows there are, in order."""
    query = "{ b: sims { nodes { i: imsi } edges { node { ... on Sim { imsi } } } } a: sims { nodes { imsi name } } }"

    done = await ask(Asked(), query, without(Scope.PII_READ))

    assert done.masked == ["a.nodes.imsi", "b.edges.node.imsi", "b.nodes.i"]


async def test_what_is_masked_behind_an_interface_is_masked():
    """A payload asked of the interface is masked as one of the type that it is."""
    done = await ask(Asked(), "{ commands { nodes { payload } } }", without(Scope.PII_READ))

    assert done.result.data == {"commands": {"nodes": [{"payload": None}]}}
    assert done.masked == ["commands.nodes.payload"]


async def test_what_is_refused_is_never_asked_for():
    """A field without its scope is null, with an error at the first row that names the scope; its neighbours are
    there."""
    context = Asked()

    done = await ask(context, "{ sims { nodes { name commands { totalCount } } } }", without(Scope.COMMANDS_READ))

    row = {"name": "pump", "commands": None}
    assert done.result.data == {"sims": {"nodes": [row, row]}}
    assert [path for path, _ in forbidden(done.result.errors)] == [["sims", "nodes", 0, "commands"]]
    assert all("commands:read" in message for _, message in forbidden(done.result.errors))
    assert done.masked == []
    assert context.asked == ["page Sim"]


async def test_a_whole_list_is_refused_at_its_root():
    """A root field without its scope asks nobody."""
    context = Asked()

    done = await ask(context, "{ sims { nodes { name } } commands { totalCount } }", without(Scope.SIMS_READ))

    assert done.result.data == {"sims": None, "commands": {"totalCount": None}}
    assert forbidden(done.result.errors) == [(["sims"], "Query.sims: this takes the scope sims:read")]
    assert context.asked == ["page Command"]


async def test_what_cannot_be_null_takes_its_parent_along():
    """A refused field that is never null makes the nearest field null that may be, as any error does."""
    done = await ask(Asked(), f'{{ node(id: "{SIM_ID}") {{ __typename id }} }}', without(Scope.SIMS_READ))

    assert done.result.data == {"node": None}
    assert forbidden(done.result.errors) == [(["node", "id"], "Sim.id: this takes the scope sims:read")]


async def test_personal_data_of_a_thing_one_may_not_see_is_refused():
    """Where more than pii:read is missing the field is refused for the rest, not masked."""
    done = await ask(Asked(), f'{{ node(id: "{SIM_ID}") {{ ... on Sim {{ imsi }} }} }}', frozenset())

    assert done.result.data == {"node": {"imsi": None}}
    assert forbidden(done.result.errors) == [(["node", "imsi"], "Sim.imsi: this takes the scope sims:read")]
    assert done.masked == []


async def test_a_refused_change_is_not_made():
    """Of several changes only those that the caller may make are made, in their order."""
    context = Asked()
    query = """mutation {
        a: updateSim(input: {id: "1"}) { outcome }
        b: sendCommand(input: {simId: "2", body: {sms: {text: "hi"}}}) { outcome }
        c: createFleet(input: {networkAccessProfileId: "3"}) { outcome }
        d: updateSim(input: {id: "4"}) { outcome sim { name } }
    }"""

    done = await ask(context, query, frozenset({Scope.SIMS_WRITE}))

    assert done.result.data == {
        "a": {"outcome": "APPLIED"},
        "b": None,
        "c": None,
        "d": {"outcome": "APPLIED", "sim": None},
    }
    assert [path for path, _ in forbidden(done.result.errors)] == [["b"], ["c"], ["d", "sim"]]
    assert context.written == [UpdateSimInput(id="1"), UpdateSimInput(id="4")]


@pytest.mark.parametrize("scope", [Scope.SIMS_WRITE, Scope.COMMANDS_SEND])
async def test_either_scope_stops_a_job(scope: Scope):
    """Whoever may start jobs of one kind may stop a job."""
    context = Asked()

    done = await ask(context, f'mutation {{ cancelJob(id: "{JOB_ID}") {{ outcome }} }}', frozenset({scope}))

    assert done.result.data == {"cancelJob": {"outcome": "PENDING"}}
    assert context.written == ["7"]


async def test_neither_scope_stops_none():
    """Without both, the job goes on, and either is named."""
    context = Asked()
    scopes = without(Scope.SIMS_WRITE, Scope.COMMANDS_SEND)

    done = await ask(context, f'mutation {{ cancelJob(id: "{JOB_ID}") {{ outcome }} }}', scopes)

    [(path, message)] = forbidden(done.result.errors)
    assert path == ["cancelJob"]
    assert message.endswith("this takes the scope sims:write or commands:send")
    assert context.written == []


async def test_the_schema_itself_is_not_a_thing_of_a_caller():
    """Names of types and of fields take no scope here; whether introspection is allowed is said elsewhere."""
    query = '{ __typename __schema { queryType { name } } __type(name: "Sim") { fields { name } } }'

    done = await ask(Asked(), query, frozenset())

    assert done.result.errors is None
    assert done.result.data is not None
    assert done.result.data["__typename"] == "Query"
    assert {"name": "imsi"} in done.result.data["__type"]["fields"]


async def test_arguments_reach_open_fields_as_they_are():
    """A caller for whom something is closed asks the rest with the same arguments and variables."""
    context = Asked()
    query = "mutation($input: UpdateSimInput!) { updateSim(input: $input) { outcome } }"

    await ask(context, query, frozenset({Scope.SIMS_WRITE}), input={"id": "x", "name": None})

    assert context.written == [UpdateSimInput(id="x", name=None)]


async def test_each_refusal_is_its_own():
    """Errors of one kind at several places are several objects: one must not carry another's place."""
    query = "{ sims { nodes { commands { totalCount } more: commands { totalCount } } } }"
    done = await ask(Asked(), query, without(Scope.COMMANDS_READ))

    causes = [each.original_error for each in done.result.errors or ()]
    assert len({id(each) for each in causes}) == 2
    assert all(isinstance(each, Forbidden) for each in causes)
