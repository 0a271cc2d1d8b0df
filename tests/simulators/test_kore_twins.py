"""The KORE twins: the way in, and what differs from Twilio, judged by KORE's OpenAPI files."""

import json
import re

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateway.providers.supersim import simulator as supersim
from gateway.providers.wireless import simulator as wireless
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.simulation.twilio_rest import TwilioServer
from tests.simulators.published import published
from tests.simulators.twilio_family import Clock, every_page, kore_client

TWINS = {
    "kore-supersim": (supersim.kore_simulator, "kore_supersim_v1.json"),
    "kore-wireless": (wireless.kore_simulator, "kore_programmable_wireless_v1.json"),
}
SERVED = {
    "twilio_supersim_v1.json": supersim.twilio_simulator,
    "twilio_wireless_v1.json": wireless.twilio_simulator,
    "kore_supersim_v1.json": supersim.kore_simulator,
    "kore_programmable_wireless_v1.json": wireless.kore_simulator,
}


def twin(name: str, clock: Clock, **switches: str) -> Simulator:
    return TWINS[name][0](SimulationOptions(sims=200, seed=3, now=clock, switches=switches))


def judged(name: str, answer: httpx.Response) -> httpx.Response:
    request = answer.request
    published(TWINS[name][1]).judge(request.method, str(request.url), answer.status_code, answer.text)
    return answer


@pytest.mark.parametrize("file", SERVED)
def test_every_published_operation_has_a_route_and_no_other(file: str) -> None:
    """The simulator's routes are exactly the operations of the published file."""
    server = SERVED[file](SimulationOptions(sims=20, seed=1, now=Clock())).app
    assert isinstance(server, TwilioServer)

    routes = {(route.method, re.sub(r"\{\w+\}", "{}", route.template)) for route in server.routes}
    operations = {
        (verb.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, verbs in published(file).document["paths"].items()
        for verb in verbs.keys() & {"get", "post", "delete"}
    }

    assert routes == operations


@pytest.mark.parametrize("name", TWINS)
async def test_token_endpoint_answers_in_its_own_shapes(name: str) -> None:
    """A token comes as KORE's file says; wrong credentials and a wrong grant have other bodies than the API."""
    simulator = twin(name, Clock(), token_life="7200")
    good = {"grant_type": "client_credentials", "client_id": simulator.account["client_id"]}
    schemas = published("kore_token_v1.json").document["components"]["schemas"]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(simulator.app), base_url="http://kore.test/api-services/v1/auth"
    ) as client:
        right = await client.post("/token", data={**good, "client_secret": simulator.account["client_secret"]})
        wrong = await client.post("/token", data={**good, "client_secret": "guess"})
        odd = await client.post("/token", data={"grant_type": "password"})

    assert (right.status_code, right.json()["expires_in"], right.json()["token_type"]) == (200, 7200, "Bearer")
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (odd.status_code, odd.json().keys()) == (400, {"code", "message"})
    for answer, schema in ((right, "200GetToken"), (wrong, "401Error"), (odd, "Error")):
        assert list(Draft202012Validator(schemas[schema]).iter_errors(answer.json())) == []


@pytest.mark.parametrize("name", TWINS)
async def test_expired_token_is_403_with_its_own_body(name: str) -> None:
    """A token ends by the clock: 403, not 401, in a body without a code; a new one works."""
    clock = Clock()
    simulator = twin(name, clock, token_life="60")

    async with kore_client(simulator) as client:
        fresh = await client.get("/v1/Sims?PageSize=1")
        clock.tick(seconds=60)
        late = await client.get("/v1/Sims?PageSize=1")
        del client.headers["authorization"]
        bare = await client.get("/v1/Sims?PageSize=1")
    async with kore_client(simulator) as again:
        renewed = await again.get("/v1/Sims?PageSize=1")

    assert [fresh.status_code, late.status_code, bare.status_code, renewed.status_code] == [200, 403, 401, 200]
    assert late.json().keys() == {"message", "error"}
    assert late.json()["error"] == "Invalid or expired token"


async def test_supersim_twin_answers_as_published() -> None:
    """Every list and one of each thing at KORE fits KORE's own file."""
    name = "kore-supersim"
    async with kore_client(twin(name, Clock())) as client:
        for path in (
            "Sims", "Fleets", "SmsCommands", "IpCommands", "UsageRecords?Group=sim", "ESimProfiles", "Networks",
            "NetworkAccessProfiles", "SettingsUpdates",
        ):  # fmt: skip
            answer = judged(name, await client.get(f"/v1/{path}"))
            rows = answer.json()[answer.json()["meta"]["key"]]
            assert rows
            if "url" in rows[0]:
                judged(name, await client.get(rows[0]["url"]))
        sim = (await client.get("/v1/Sims?Status=active&PageSize=2")).json()["sims"][1]
        judged(name, await client.get(sim["links"]["billing_periods"]))
        judged(name, await client.get(sim["links"]["sim_ip_addresses"]))
        changed = judged(name, await client.post(sim["url"], data={"Status": "inactive"}))

    assert (changed.status_code, changed.json()["status"]) == (202, "scheduled")


async def test_wireless_twin_differs_where_kore_says_so() -> None:
    """`eid`, `deleted`, milliseconds, a shorter meta, plan notifications, other codes for writes."""
    name = "kore-wireless"
    async with kore_client(twin(name, Clock())) as client:
        page = judged(name, await client.get("/v1/Sims?PageSize=200")).json()
        sims = page["sims"]
        active = next(sim for sim in sims if sim["status"] == "active" and sim["rate_plan_sid"])
        plan = judged(name, await client.post("/v1/RatePlans", data={"DataLimitStrategy": "throttle"}))
        command = judged(name, await client.post("/v1/Commands", data={"Command": "hi", "Sim": active["sid"]}))
        gone = judged(name, await client.delete(command.json()["url"]))
        for path in ("Commands", "UsageRecords", "RatePlans"):
            judged(name, await client.get(f"/v1/{path}"))
        judged(name, await client.get(active["links"]["usage_records"]))
        for sim in sims[:40]:
            judged(name, await client.get(sim["links"]["data_sessions"]))

    assert page["meta"].keys() == {"key", "url", "first_page_url", "previous_page_url", "next_page_url"}
    assert "eid" in active
    assert "e_id" not in active
    assert "deleted" in {sim["status"] for sim in sims}
    assert re.fullmatch(r".*:\d\d\.\d{3}Z", active["date_created"])
    assert (plan.status_code, plan.json()["data_limit_strategy"]) == (200, "throttle")
    assert (command.status_code, gone.status_code) == (202, 202)


async def test_wireless_twin_may_lack_packet_counters() -> None:
    """By switch the counters are absent, as in KORE's documented sample; by default some are null."""
    rows: dict[str, list[dict[str, object]]] = {"absent": [], "mixed": []}
    for choice in rows:
        async with kore_client(twin("kore-wireless", Clock(), packets=choice)) as client:
            for sim in (await client.get("/v1/Sims?Status=active")).json()["sims"]:
                rows[choice] += await every_page(client, sim["links"]["data_sessions"])

    assert all("packets_uploaded" not in row for row in rows["absent"])
    assert {type(row["packets_uploaded"]) for row in rows["mixed"]} == {int, type(None)}


async def test_json_body_is_415_at_kore() -> None:
    """KORE declares 415 for a body that is no form."""
    async with kore_client(twin("kore-wireless", Clock())) as client:
        answer = await client.post("/v1/Commands", content=json.dumps({"Command": "x"}))
        typed = await client.post("/v1/Commands", json={"Command": "x"})

    assert (answer.status_code, typed.status_code) == (415, 415)
