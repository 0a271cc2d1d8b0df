"""What a caller may change who sees some fleets of an account only, and whose idempotency keys are whose."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from gateway.rights import ANYBODY, Caller
from schema.ids import decode_id, encode_id
from tests.reach.desk import TWILIO, Site, a_site, named_in, seeing

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOLD = "outcome problems { code message path }"
UPDATE = f"mutation($input: UpdateSimInput!) {{ updateSim(input: $input) {{ {TOLD} sim {{ nativeId name }} }} }}"
SEND = (
    f"mutation($input: SendCommandInput!) {{ sendCommand(input: $input) {{ {TOLD} command {{ nativeId payload }} }} }}"
)

OF_ACCOUNT = {
    "registerSim": 'account: "twilio-supersim", iccid: "8988307000000000001", registrationCode: "1234567890"',
    "createFleet": "networkAccessProfileId: $profile",
    "createNetworkAccessProfile": 'account: "twilio-supersim", name: "mine"',
    "updateNetworkAccessProfile": 'id: $profile, name: "mine"',
    "addNetworkToProfile": "profileId: $profile, networkId: $network",
    "removeNetworkFromProfile": "profileId: $profile, networkId: $network",
    "orderEsimProfile": 'account: "twilio-supersim", generateMatchingId: true',
    "createRatePlan": 'account: "twilio-supersim", name: "mine"',
    "updateRatePlan": 'id: $plan, name: "mine"',
    "deleteRatePlan": "id: $plan",
}
"""Changes of what the whole account has."""


@dataclass
class Company:
    """`ann` and `bob` see a fleet each, of which these are SIMs; `spare` is another of ann's fleets."""

    site: Site
    ann: Caller
    bob: Caller
    sims: dict[str, list[str]]
    fleets: dict[str, str]

    async def write(self, caller: Caller, query: str, **given: Any) -> Any:  # Any: JSON
        self.site.forget()
        return next(iter((await self.site.data(caller, query, {"input": given})).values()))

    def written(self) -> list[str]:
        return [each.path for each in self.site.arrived(TWILIO) if each.method != "GET"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company() -> AsyncIterator[Company]:
    query = "{ fleets { nodes { id nativeId smsCommandsEnabled sims(first: 100) { nodes { id status } } } } }"
    async with a_site([TWILIO]) as site:
        nodes = (await site.data(ANYBODY, query))["fleets"]["nodes"]
        ann, bob, spare, foreign = [each for each in nodes if each["smsCommandsEnabled"]][:4]
        yield Company(
            site,
            seeing("ann", fleets=[(TWILIO, each["nativeId"]) for each in (ann, spare)]),
            seeing("bob", fleets=[(TWILIO, bob["nativeId"])]),
            {
                name: [sim["id"] for sim in fleet["sims"]["nodes"] if sim["status"] == "ACTIVE"]
                for name, fleet in (("ann", ann), ("bob", bob))
            },
            {name: each["id"] for name, each in (("ann", ann), ("bob", bob), ("spare", spare), ("foreign", foreign))},
        )


@pytest.mark.parametrize("mutation", OF_ACCOUNT)
async def test_what_is_the_whole_account_s_is_not_changed(company: Company, mutation: str):
    """It is refused before anybody is asked, whether what it is about exists or not."""
    ids = {"profile": "NetworkAccessProfile", "network": "Network", "plan": "RatePlan"}
    given = OF_ACCOUNT[mutation]
    declared = ", ".join(f"${name}: ID!" for name in ids if f"${name}" in given)
    query = f"mutation{f'({declared})' if declared else ''} {{ {mutation}(input: {{ {given} }}) {{ {TOLD} }} }}"
    company.site.forget()

    told = (
        await company.site.data(company.ann, query, {name: encode_id(TWILIO, kind, "x1") for name, kind in ids.items()})
    )[mutation]

    assert told["outcome"] == "REFUSED"
    assert [(each["code"], each["path"]) for each in told["problems"]] == [("FORBIDDEN", ["input"])]
    assert company.site.arrived(TWILIO) == []


async def test_their_own_sims_can_be_changed(company: Company):
    """Name and fleet, and the answer shows the SIM; once."""
    sim = company.sims["ann"][0]

    named = await company.write(company.ann, UPDATE, id=sim, name="ann's first")
    moved = await company.write(company.ann, UPDATE, id=sim, fleetId=company.fleets["spare"])

    assert (named["outcome"], named["sim"]["name"], named["problems"]) == ("APPLIED", "ann's first", [])
    assert moved["outcome"] in ("APPLIED", "PENDING")
    assert len(company.written()) == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fleetId": "foreign"}, "NOT_FOUND"),
        ({"fleetId": None}, "FORBIDDEN"),
        ({"extra": {"account_sid": "AC" + "0" * 32}}, "FORBIDDEN"),
    ],
)
async def test_a_sim_cannot_be_taken_out(company: Company, given: dict[str, Any], code: str):
    """Neither into a fleet that does not exist for them, nor out of all, nor to another account of the provider's."""
    if given.get("fleetId"):
        given = {"fleetId": company.fleets[given["fleetId"]]}

    told = await company.write(company.ann, UPDATE, id=company.sims["ann"][1], **given)

    assert (told["outcome"], [each["code"] for each in told["problems"]]) == ("REFUSED", [code])
    assert company.site.arrived(TWILIO) == []


async def test_nothing_is_sent_to_others_sims(company: Company):
    """Not by a command, not by a change, and not where it is only tried."""
    sim, body = company.sims["bob"][0], {"sms": {"text": "x"}}

    told = [
        await company.write(company.ann, SEND, simId=sim, body=body),
        await company.write(company.ann, SEND, simId=sim, body=body, dryRun=True),
        await company.write(company.ann, UPDATE, id=sim, name="mine"),
    ]

    assert [each["outcome"] for each in told] == ["REFUSED"] * 3
    assert company.written() == []


async def test_keys_are_each_callers_own(company: Company):
    """Another's same key stands for something else; the same caller's is answered again, and sent once."""
    body = {"sms": {"text": "wake up"}}
    ann = await company.write(company.ann, SEND, simId=company.sims["ann"][1], body=body, idempotencyKey="k")

    bob = await company.write(company.bob, SEND, simId=company.sims["bob"][1], body=body, idempotencyKey="k")
    again = await company.write(company.ann, SEND, simId=company.sims["ann"][1], body=body, idempotencyKey="k")

    assert [ann["outcome"], bob["outcome"]] == ["APPLIED", "APPLIED"]
    assert named_in(ann) & named_in(bob) == set()
    assert again == ann
    assert company.written() == []


async def test_a_repeated_key_shows_nothing_that_is_no_longer_seen(company: Company):
    """Who has lost the fleet, or the account, is told what a stranger is told, and not what was answered before."""
    given = {"id": company.sims["ann"][2], "name": "ann's third", "idempotencyKey": "once"}
    first = await company.write(company.ann, UPDATE, **given)
    elsewhere = seeing("ann", fleets=[(TWILIO, "HF" + "0" * 32)])
    nowhere = seeing("ann", "other")

    later = [await company.write(each, UPDATE, **given) for each in (elsewhere, nowhere)]

    assert (first["outcome"], first["sim"]["name"]) == ("APPLIED", "ann's third")
    assert [(each["outcome"], each["sim"]) for each in later] == [("REFUSED", None)] * 2
    assert [each["problems"][0]["code"] for each in later] == ["NOT_FOUND"] * 2
    assert company.written() == []


async def test_a_repeated_key_shows_no_state_of_a_fleet_that_was_lost(company: Company):
    """The SIM is in another of their fleets since: that it was changed is told, and not how it was in the lost one."""
    given = {"id": company.sims["ann"][1], "name": "ann's second", "idempotencyKey": "moved"}
    first = await company.write(company.ann, UPDATE, **given)
    await company.write(ANYBODY, UPDATE, id=given["id"], fleetId=company.fleets["spare"], awaitSettled=20)
    narrow = seeing("ann", fleets=[(TWILIO, decode_id(company.fleets["spare"]).native_id)])

    later = await company.write(narrow, UPDATE, **given)

    assert (first["outcome"], first["sim"]["name"]) == ("APPLIED", "ann's second")
    assert (later["outcome"], later["sim"]) == ("APPLIED", None)


async def test_what_has_left_the_fleet_is_gone(company: Company):
    """Somebody else moves a SIM away: from then on it does not exist."""
    sim = company.sims["bob"][-1]
    query = "query($id: ID!) { node(id: $id) { id } }"
    before = await company.site.data(company.bob, query, {"id": sim})

    await company.write(ANYBODY, UPDATE, id=sim, fleetId=company.fleets["foreign"], awaitSettled=20)

    assert before == {"node": {"id": sim}}
    assert await company.site.data(company.bob, query, {"id": sim}) == {"node": None}
