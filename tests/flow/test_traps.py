"""Traps for a naive adapter that concern the gateway as a whole; those of one provider are in its folder."""

import pytest

from tests.waiting import in_some_round
from tests.world import a_world

PROVIDERS = [
    "cisco-control-center",
    "kore-supersim",
    "kore-wireless",
    "twilio-supersim",
    "twilio-wireless",
    "wayscloud",
]
PLAIN = "{ sims(first: 5) { nodes { id } problems { code } } }"


@pytest.mark.parametrize("path", ["/webhooks/twilio-supersim", "/webhooks/twilio-supersim/sms", "/webhooks"])
async def test_trap_13_no_unsigned_webhook_is_believed(path: str):
    """There is no receiver yet: a delivery, signed or not, is 404 and changes nothing."""
    async with a_world(["twilio-supersim"], sims=12) as world:
        response = await world.http.post(path, json={"SimSid": "HS" + "0" * 32, "Status": "inactive"})

        assert response.status_code == 404
        assert world.count() == {}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_trap_16_what_timed_out_is_not_sent_again(name: str):
    """A call whose answer never came arrived once and is not repeated; nothing but a token is asked by POST."""
    async with a_world([name], sims=12) as world:
        await world.data(PLAIN)  # whoever wants a token has it
        world.forget()
        world.host.fault(name, "hang", path="/v1" if name != "cisco-control-center" else "/rws")
        world.accounts.by_name[name].time_limit = 0.4

        async def asked() -> list[tuple[str, str, str]]:
            sims = (await world.data(PLAIN))["sims"]
            assert [problem["code"] for problem in sims["problems"]] == ["TIMEOUT"]
            arrived = [(request.method, request.path, request.query) for request in world.arrived(name)]
            assert arrived, "the time was over before anything was sent"
            return arrived

        arrived = await in_some_round(asked)

        assert len(arrived) == len(set(arrived))
        assert {method for method, _, _ in arrived} == {"GET"}
