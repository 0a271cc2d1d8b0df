"""What changes at Programmable Wireless's simulators, and how KORE's answers to writes fit its own file."""

import httpx
import pytest

from gateway.providers.wireless.simulator import kore_simulator, twilio_simulator
from gateway.simulation.simulator import SimulationOptions
from tests.simulators.published import published
from tests.simulators.twilio_family import Clock, kore_client, twilio_http


def options(clock: Clock, **switches: str) -> SimulationOptions:
    return SimulationOptions(sims=40, seed=7, now=clock, switches=switches)


@pytest.mark.parametrize("form", [{"Status": "active"}, {"RatePlan": "quiet"}, {"ResetStatus": "resetting"}])
async def test_a_running_change_stands_in_the_way_of_another(form: dict[str, str]) -> None:
    """Status, plan and reset are 33010 until the first change is done; a name is no such change."""
    clock = Clock()
    async with twilio_http(twilio_simulator(options(clock))) as client:
        sim = (await client.get("/v1/Sims?Status=active")).json()["sims"][0]
        await client.post(sim["url"], data={"Status": "suspended"})
        busy = await client.post(sim["url"], data=form)
        named = await client.post(sim["url"], data={"FriendlyName": "Lift"})
        clock.tick(seconds=3)
        done = (await client.get(sim["url"])).json()

    assert (busy.status_code, busy.json()["code"]) == (400, 33010)
    assert (named.status_code, done["status"], done["friendly_name"]) == (200, "suspended", "Lift")
    assert done["rate_plan_sid"] == sim["rate_plan_sid"]


async def test_a_new_plan_has_no_voice() -> None:
    """`data` and `messaging` can be allowed abroad; `voice` is only on old plans."""
    async with twilio_http(twilio_simulator(options(Clock()))) as client:
        old = (await client.get("/v1/RatePlans")).json()["rate_plans"]
        both = await client.post("/v1/RatePlans", data={"InternationalRoaming": ["data", "messaging"]})
        voice = await client.post("/v1/RatePlans", data={"InternationalRoaming": ["data", "voice"]})

    assert any("voice" in plan["international_roaming"] for plan in old)
    assert both.json()["international_roaming"] == ["data", "messaging"]
    assert (voice.status_code, voice.json()["code"]) == (400, 33101)


async def test_kore_answers_writes_as_published() -> None:
    """A SIM and a plan are changed with 200 and deleted with 204, each as KORE's own file has it."""
    judge = published("kore_programmable_wireless_v1.json")

    def judged(answer: httpx.Response) -> int:
        judge.judge(answer.request.method, str(answer.request.url), answer.status_code, answer.text)
        return answer.status_code

    async with kore_client(kore_simulator(options(Clock(), command_created="201", command_deleted="204"))) as client:
        new = (await client.get("/v1/Sims?Status=new")).json()["sims"][0]
        made = await client.post("/v1/RatePlans", data={"UniqueName": "night"})
        sent = await client.post("/v1/Commands", data={"Command": "hi", "Sim": new["sid"]})
        codes = [
            judged(made),
            judged(sent),
            judged(await client.post(made.json()["url"], data={"FriendlyName": "Night"})),
            judged(await client.post(new["url"], data={"RatePlan": "night", "Status": "ready"})),
            judged(await client.delete(sent.json()["url"])),
        ]
        spare = (await client.get("/v1/Sims?Status=new")).json()["sims"][0]
        codes.append(judged(await client.delete(spare["url"])))
        unused = await client.post("/v1/RatePlans")
        codes.append(judged(await client.delete(unused.json()["url"])))

    assert codes == [200, 201, 200, 200, 204, 204, 204]
