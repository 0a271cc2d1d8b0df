"""Each mutation hands on what it was given, and tells what came of it."""

from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, graphql

import schema
from schema.command_inputs import CommandDeletion, SendCommandInput
from schema.connection import Problem
from schema.errors import ProblemCode
from schema.fleet_inputs import NetworkAddition, NetworkRemoval
from schema.inputs import SimDeletion, UpdateSimInput
from schema.plan_inputs import RatePlanDeletion
from schema.sim import Sim
from schema.write import PlannedCall, WriteOutcome, Written

REFUSED = Problem(operation="update_sim", code=ProblemCode.INVALID, message="no", path=["input"], retryable=False)


class Told:
    """A context that does nothing but note what was wanted and answer what it was told to."""

    def __init__(self, *answers: Written) -> None:
        self.wanted: list[Any] = []
        self._answers = list(answers)

    async def write(self, wanted: object) -> Written:
        self.wanted.append(wanted)
        return self._answers.pop(0) if self._answers else Written(WriteOutcome.REFUSED, problems=[REFUSED])

    def account(self, name: str) -> Any:
        return SimpleNamespace(name=name)


async def run(context: Told, document: str, **variables: object) -> ExecutionResult:
    return await graphql(schema.build_schema(), document, context_value=context, variable_values=variables)


FIELDS = {
    "registerSim": '{account: "a", iccid: "1", registrationCode: "2"}',
    "updateSim": '{id: "x"}',
    "deleteSim": '{id: "x"}',
    "sendCommand": '{simId: "x", body: {sms: {text: "hi"}}}',
    "deleteCommand": '{id: "x"}',
    "createFleet": '{networkAccessProfileId: "x"}',
    "updateFleet": '{id: "x"}',
    "createNetworkAccessProfile": '{account: "a"}',
    "updateNetworkAccessProfile": '{id: "x"}',
    "addNetworkToProfile": '{profileId: "x", networkId: "y"}',
    "removeNetworkFromProfile": '{profileId: "x", networkId: "y"}',
    "orderEsimProfile": '{account: "a"}',
    "createRatePlan": '{account: "a"}',
    "updateRatePlan": '{id: "x"}',
    "deleteRatePlan": '{id: "x"}',
}


@pytest.mark.parametrize("name", FIELDS)
async def test_each_hands_on_its_input_and_tells_the_outcome(name: str):
    """A mutation asks the context once and answers its outcome, plan and problems without an error."""
    context = Told()

    answer = await run(
        context, f"mutation {{ {name}(input: {FIELDS[name]}) {{ outcome plan {{ count }} problems {{ message }} }} }}"
    )

    assert answer.errors is None
    assert answer.data == {name: {"outcome": "REFUSED", "plan": None, "problems": [{"message": "no"}]}}
    [wanted] = context.wanted
    assert wanted.dry_run is False
    assert wanted.idempotency_key is strawberry.UNSET


def test_every_mutation_of_one_thing_was_tried():
    """The table above has every field but those of jobs."""
    fields = schema.build_schema().mutation_type.fields

    assert FIELDS.keys() == fields.keys() - {"updateSims", "sendCommands", "cancelJob"}


async def test_one_input_means_what_its_field_says():
    """Fields that share an input hand on which of them it was: an id alone does not say what is to be done."""
    meanings = {
        "deleteSim": SimDeletion,
        "deleteCommand": CommandDeletion,
        "deleteRatePlan": RatePlanDeletion,
        "addNetworkToProfile": NetworkAddition,
        "removeNetworkFromProfile": NetworkRemoval,
    }
    context = Told()
    fields = " ".join(f"{name}(input: {FIELDS[name]}) {{ outcome }}" for name in meanings)

    await run(context, f"mutation {{ {fields} }}")

    assert [type(each) for each in context.wanted] == list(meanings.values())


async def test_absent_and_null_are_told_apart():
    """What is left out stays as it is, null clears: both arrive as what they are."""
    context = Told()

    await run(
        context,
        "mutation($input: UpdateSimInput!) { updateSim(input: $input) { outcome } }",
        input={"id": "x", "name": None, "fleetId": "f", "callbackUrl": None},
    )

    assert context.wanted == [UpdateSimInput(id="x", name=None, fleet_id="f", callback_url=None)]
    assert context.wanted[0].status is strawberry.UNSET


@pytest.mark.parametrize("body", [{}, {"sms": {"text": "a"}, "ip": {"payload": "a", "port": 1}}, {"sms": None}])
async def test_a_message_has_exactly_one_body(body: dict[str, Any]):
    """None, two or a null body is an error of the document, before anything is asked."""
    context = Told()

    answer = await run(
        context,
        "mutation($body: CommandBody!) { sendCommand(input: {simId: $id, body: $body}) { outcome } }".replace(
            "$id", '"x"'
        ),
        body=body,
    )

    assert answer.errors
    assert context.wanted == []


async def test_a_body_arrives_as_it_is():
    """The message and what carries it reach the context; the encoding is TEXT where none is given."""
    context = Told()

    await run(context, 'mutation { sendCommand(input: {simId: "x", body: {ip: {payload: "p", port: 7}}}) { outcome } }')

    [wanted] = context.wanted
    assert isinstance(wanted, SendCommandInput)
    assert not wanted.body.sms
    assert wanted.body.ip is not None
    assert (wanted.body.ip.payload, wanted.body.ip.port, wanted.body.ip.encoding.value) == ("p", 7, "TEXT")


async def test_one_refusal_leaves_the_others_alone():
    """The fields of a request are done in their order, each with its own outcome."""
    sim = Sim(native_id="HS1", name="pump")
    plan = [PlannedCall(account="a", operation="update_sim", consequence="it is charged")]
    context = Told(
        Written(WriteOutcome.REFUSED, problems=[REFUSED]),
        Written(WriteOutcome.APPLIED, sim),
        Written(WriteOutcome.DRY_RUN, sim, plan),
    )
    names = ("first", "second", "third")
    fields = "outcome sim { name } plan { account operation count consequence } problems { path }"
    asked = " ".join(f'{name}: updateSim(input: {{id: "{name}"}}) {{ {fields} }}' for name in names)

    answer = await run(context, f"mutation {{ {asked} }}")

    assert answer.errors is None
    assert [each.id for each in context.wanted] == list(names)
    assert answer.data is not None
    assert [answer.data[name]["outcome"] for name in names] == ["REFUSED", "APPLIED", "DRY_RUN"]
    assert [answer.data[name]["sim"] for name in names] == [None, {"name": "pump"}, {"name": "pump"}]
    assert answer.data["third"]["plan"] == [
        {"account": "a", "operation": "update_sim", "count": 1, "consequence": "it is charged"}
    ]


@pytest.mark.parametrize(("outcome", "is_gone"), [(each, each is WriteOutcome.APPLIED) for each in WriteOutcome])
async def test_only_what_is_gone_is_told_as_deleted(outcome: WriteOutcome, is_gone: bool):
    """A deletion gives back the id only where the thing is known to be gone."""
    context = Told(Written(outcome, Sim(native_id="HS1")))

    answer = await run(context, 'mutation { deleteSim(input: {id: "x"}) { outcome deletedId } }')

    assert answer.data == {"deleteSim": {"outcome": outcome.value, "deletedId": "x" if is_gone else None}}
