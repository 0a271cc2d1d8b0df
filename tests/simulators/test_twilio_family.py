"""What the simulators of the Twilio family share: paging, errors, throttling, ids in paths."""

import asyncio
from urllib.parse import quote

import httpx
import pytest

from gateway.providers.supersim.simulator import twilio_simulator
from gateway.simulation.host import SimulationHost
from gateway.simulation.simulator import SimulationOptions, Simulator
from tests.simulators.twilio_family import Clock, every_page, twilio_http


def made(clock: Clock | None = None, sims: int = 120, **switches: str) -> Simulator:
    return twilio_simulator(SimulationOptions(sims=sims, seed=5, now=clock or Clock(), switches=switches))


async def test_counting_pages_up_repeats_the_first_page() -> None:
    """Page without PageToken is client state only: the mistake shows as page 0 again, or by switch as an error."""
    async with twilio_http(made()) as client:
        first = (await client.get("/v1/Sims?PageSize=10")).json()
        naive = (await client.get("/v1/Sims?PageSize=10&Page=1")).json()
    async with twilio_http(made(page_trap="error")) as client:
        refused = await client.get("/v1/Sims?PageSize=10&Page=1")

    assert naive["sims"] == first["sims"]
    assert naive["meta"]["page"] == 0
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)


async def test_links_lead_forth_and_back() -> None:
    """Next, then previous, is where one was; the ends have null."""
    async with twilio_http(made()) as client:
        first = (await client.get("/v1/Sims?PageSize=50&Status=active")).json()
        second = (await client.get(first["meta"]["next_page_url"])).json()
        back = (await client.get(second["meta"]["previous_page_url"])).json()

    assert first["meta"]["previous_page_url"] is None
    assert second["meta"]["next_page_url"] is None
    assert (second["meta"]["page"], second["meta"]["page_size"]) == (1, 50)
    assert back["sims"] == first["sims"]
    assert not {sim["sid"] for sim in first["sims"]} & {sim["sid"] for sim in second["sims"]}


async def test_a_token_belongs_to_its_list() -> None:
    """A damaged token and one of another list or filter are refused, never read as something else."""
    async with twilio_http(made()) as client:
        link = (await client.get("/v1/Sims?PageSize=5&Status=active")).json()["meta"]["next_page_url"]
        token = link.partition("PageToken=")[2]
        answers = [
            await client.get("/v1/Sims?PageToken=nonsense"),
            await client.get(f"/v1/Sims?Status=new&PageToken={token}"),
            await client.get(f"/v1/SmsCommands?PageToken={token}"),
            await client.get("/v1/Sims?PageSize=0"),
            await client.get("/v1/Sims?PageSize=1001"),
            await client.get("/v1/Sims?PageSize=ten"),
        ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, 20001)] * 6


async def test_what_is_sent_between_two_pages_neither_repeats_nor_hides_a_row() -> None:
    """A list keeps the snapshot of its first page."""
    clock = Clock()
    simulator = made(clock)
    async with twilio_http(simulator) as client:
        sim = (await client.get("/v1/Sims?Status=active&Fleet=vehicles")).json()["sims"][0]["sid"]
        before = await every_page(client, "/v1/SmsCommands?PageSize=1000")
        first = (await client.get("/v1/SmsCommands?PageSize=100")).json()
        clock.tick(seconds=1)
        assert (await client.post("/v1/SmsCommands", data={"Sim": sim, "Payload": "x"})).status_code == 201
        rest = await every_page(client, first["meta"]["next_page_url"])

    sids = [row["sid"] for row in first["sms_commands"] + rest]
    assert sids == [row["sid"] for row in before]


async def test_links_keep_the_host_and_the_mount() -> None:
    """A client behind a proxy is led back through the proxy."""
    simulator = made()
    host = SimulationHost({"twilio-supersim": simulator})
    auth = (str(simulator.account["account_sid"]), str(simulator.account["auth_token"]))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(host), base_url="http://gw.test:81", auth=auth
    ) as client:
        page = (await client.get("/twilio-supersim/v1/Sims?PageSize=2")).json()
        rows = await every_page(client, "/twilio-supersim/v1/Sims?PageSize=50")

    assert page["meta"]["next_page_url"].startswith("http://gw.test:81/twilio-supersim/v1/Sims?PageSize=2&Page=1&")
    assert page["sims"][0]["url"].startswith("http://gw.test:81/twilio-supersim/v1/Sims/HS")
    assert len(rows) == 120


async def test_errors_have_the_shape_of_the_switch() -> None:
    """Classic bodies by default, RFC 9457 by switch, with the same code."""
    async with twilio_http(made()) as client:
        classic = (await client.get("/v1/Sims/HSnone")).json()
        wrong_method = await client.delete("/v1/Sims/HSnone")
        nowhere = await client.get("/v2/Sims")
        stranger = await client.get("/v1/Sims", auth=("AC", "guess"))
    async with twilio_http(made(errors="rfc9457")) as client:
        problem = (await client.get("/v1/Sims/HSnone")).json()

    assert classic.keys() == {"code", "message", "more_info", "status"}
    assert problem.keys() >= {"type", "title", "status", "code"}
    assert classic["code"] == problem["code"] == 20404
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, 20004)
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, 20404)
    assert (stranger.status_code, stranger.json()["code"]) == (401, 20003)
    assert "www-authenticate" in stranger.headers


async def test_more_requests_at_once_than_allowed_are_429() -> None:
    """The limit is on concurrency: the refused request did nothing, and the answers tell how many are running."""
    gate, arrived = asyncio.Event(), asyncio.Semaphore(0)

    async def sleep(_: float) -> None:
        arrived.release()
        await gate.wait()

    simulator = made(concurrency="2", retry_after="1")
    host = SimulationHost({"twilio-supersim": simulator}, latency=1.0, sleep=sleep)
    auth = (str(simulator.account["account_sid"]), str(simulator.account["auth_token"]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://gw.test", auth=auth) as client:
        waiting = [asyncio.ensure_future(client.get("/twilio-supersim/v1/Fleets")) for _ in range(3)]
        for _ in waiting:
            await arrived.acquire()
        gate.set()
        answers = await asyncio.gather(*waiting)

    assert sorted(answer.status_code for answer in answers) == [200, 200, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.json()["code"], refused.headers["retry-after"]) == (20429, "1")
    assert refused.headers["twilio-concurrent-requests"] == "3"


async def test_unique_names_are_path_segments() -> None:
    """A name with a slash and a blank reaches its SIM when encoded."""
    async with twilio_http(made()) as client:
        sid = (await client.get("/v1/Sims?PageSize=1")).json()["sims"][0]["sid"]
        await client.post(f"/v1/Sims/{sid}", data={"UniqueName": "hall 3/gate+1"})
        found = await client.get(f"/v1/Sims/{quote('hall 3/gate+1', safe='')}")

    assert (found.status_code, found.json()["sid"]) == (200, sid)


async def test_two_runs_of_one_seed_are_the_same() -> None:
    """The same seed and clock give the same bytes; another seed gives others."""
    paths = ("Sims", "SmsCommands", "UsageRecords?Group=sim", "ESimProfiles", "SettingsUpdates", "Fleets")
    texts = []
    for seed in (5, 5, 6):
        simulator = twilio_simulator(SimulationOptions(sims=120, seed=seed, now=Clock()))
        async with twilio_http(simulator) as client:
            texts.append([(await client.get(f"/v1/{path}")).text for path in paths])

    assert texts[0] == texts[1]
    assert all(one != other for one, other in zip(texts[0], texts[2], strict=True))


def test_unknown_switches_are_all_named() -> None:
    """Every mistake among the switches is reported together."""
    with pytest.raises(ValueError, match="unknown switch 'colour'") as caught:
        made(colour="red", errors="funny", settle="soon")

    assert "switch 'errors' is one of classic, rfc9457" in str(caught.value)
    assert "switch 'settle' is a number" in str(caught.value)


@pytest.mark.parametrize(("choice", "code"), [("yes", 202), ("no", 400)])
async def test_unsourced_transitions_are_by_switch(choice: str, code: int) -> None:
    """ready to inactive is allowed or refused as the switch says."""
    async with twilio_http(made(ready_to_inactive=choice)) as client:
        ready = (await client.get("/v1/Sims?Status=ready&PageSize=1")).json()["sims"][0]
        answer = await client.post(ready["url"], data={"Status": "inactive"})

    assert answer.status_code == code


async def test_an_inactive_sim_moves_no_more_data() -> None:
    """Usage stops when the SIM does, and the totals over all SIMs follow."""
    clock = Clock()
    async with twilio_http(made(clock)) as client:
        sid = (await client.get("/v1/UsageRecords?Group=sim")).json()["usage_records"][0]["sim_sid"]
        await client.post(f"/v1/Sims/{sid}", data={"Status": "inactive"})
        clock.tick(seconds=3)
        window = f"StartTime={clock().isoformat().replace('+00:00', 'Z')}"
        clock.tick(days=5)
        rows = await every_page(client, f"/v1/UsageRecords?Group=sim&{window}")
        whole = (await client.get(f"/v1/UsageRecords?{window}")).json()["usage_records"][0]

    assert sid not in {row["sim_sid"] for row in rows}
    assert sum(row["data_total"] for row in rows) == whole["data_total"]
