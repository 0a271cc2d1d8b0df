"""Jobs as callers have them: started, watched, listed and stopped through the graph."""

from typing import Any

from tests.waiting import until_true
from tests.world import World, a_world

SUPERSIM, WIRELESS = "twilio-supersim", "twilio-wireless"

PAYLOAD = """outcome plan { account operation count consequence } problems { code message path }
  job { id kind status total problems { code } }"""
SEND = f"mutation($input: SendCommandsInput!) {{ sendCommands(input: $input) {{ {PAYLOAD} }} }}"
UPDATE = f"mutation($input: UpdateSimsInput!) {{ updateSims(input: $input) {{ {PAYLOAD} }} }}"
CANCEL = f"mutation($id: ID!) {{ cancelJob(id: $id) {{ {PAYLOAD} }} }}"
JOB = """query($id: ID!, $outcome: [WriteOutcome!], $after: String) {
  job(id: $id) { id kind status createdAt startedAt finishedAt total
    counts { waiting applied pending refused unknown }
    items(outcome: $outcome, first: 4, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      nodes { number simId sim { id } outcome command { payload status } problems { code } finishedAt } } } }"""


async def ids_of(world: World) -> list[str]:
    nodes = (await world.data("{ sims(first: 100) { nodes { id } } }"))["sims"]["nodes"]
    world.forget()
    return [node["id"] for node in nodes]


async def over(world: World, id: str) -> None:
    async def is_over() -> bool:
        return (await world.data(JOB, {"id": id}))["job"]["finishedAt"] is not None

    await until_true(is_over)


def by_sms(ids: list[str], **more: Any) -> dict[str, Any]:  # Any: fields of the input
    return {"input": {"select": {"ids": ids}, "body": {"sms": {"text": "wake up"}}, **more}}


async def test_a_bulk_command_from_start_to_end():
    """Started with one field, watched with another; every item names its SIM, its outcome and its command."""
    async with a_world([SUPERSIM, WIRELESS], sims=5, unhurried=True) as world:
        ids = await ids_of(world)

        begun = (await world.data(SEND, by_sms(ids)))["sendCommands"]
        await over(world, begun["job"]["id"])
        told = (await world.data(JOB, {"id": begun["job"]["id"]}))["job"]

        assert (begun["outcome"], begun["plan"], begun["problems"]) in (("PENDING", None, []), ("APPLIED", None, []))
        assert (told["id"], told["kind"], told["status"], told["total"]) == (
            begun["job"]["id"],
            "SEND_COMMANDS",
            "DONE",
            10,
        )
        assert sum(told["counts"].values()) == told["items"]["totalCount"] == 10
        assert len(told["items"]["nodes"]) == 4
        for item in told["items"]["nodes"]:
            assert item["simId"] == item["sim"]["id"]
            assert item["finishedAt"]
            if item["outcome"] == "APPLIED":
                assert item["command"]["payload"] == "wake up"
            else:
                assert (item["command"], item["problems"][0]["code"]) == (None, "REFUSED")


async def test_items_by_outcome_page_by_page():
    """The pages of one outcome together are as many as its count, each item once."""
    async with a_world([SUPERSIM, WIRELESS], sims=10, unhurried=True) as world:
        ids = await ids_of(world)
        job = (await world.data(SEND, by_sms(ids)))["sendCommands"]["job"]["id"]
        await over(world, job)

        numbers: list[int] = []
        after = None
        while True:
            asked = {"id": job, "outcome": ["APPLIED"], "after": after}
            told = (await world.data(JOB, asked))["job"]
            page = told["items"]
            numbers += [item["number"] for item in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]

        assert len(numbers) == len(set(numbers)) == told["counts"]["applied"] == page["totalCount"] > 4
        none = (await world.data(JOB, {"id": job, "outcome": []}))["job"]["items"]
        assert (none["nodes"], none["totalCount"]) == ([], 0)


async def test_a_job_is_a_node():
    """`node` and `nodes` give a job by its id, and null for one that never was."""
    async with a_world([WIRELESS], sims=2, unhurried=True) as world:
        ids = await ids_of(world)
        job = (await world.data(SEND, by_sms(ids)))["sendCommands"]["job"]["id"]
        none_such = "am9iczpKb2I6bm9uZQ"  # jobs:Job:none

        told = await world.data(
            """query($id: ID!, $ids: [ID!]!) {
              node(id: $id) { id ... on Job { kind } } nodes(ids: $ids) { id } jobs(first: 5) { nodes { id } } }""",
            {"id": job, "ids": [none_such, job, ids[0]]},
        )

        assert told["node"] == {"id": job, "kind": "SEND_COMMANDS"}
        assert told["nodes"] == [None, {"id": job}, {"id": ids[0]}]
        assert told["jobs"]["nodes"] == [{"id": job}]
        assert (await world.data(JOB, {"id": none_such}))["job"] is None


async def test_another_kind_of_id():
    """The id of something else is an error of `job`, and a refusal of `cancelJob`."""
    async with a_world([WIRELESS], sims=1, unhurried=True) as world:
        [sim] = await ids_of(world)

        asked = await world.ask(JOB, {"id": sim})
        cancelled = (await world.data(CANCEL, {"id": sim}))["cancelJob"]

        assert asked["data"] == {"job": None}
        assert asked["errors"][0]["extensions"]["code"] == "INVALID"
        assert (cancelled["outcome"], cancelled["problems"][0]["path"]) == ("REFUSED", ["id"])


async def test_a_plan_and_a_conflict():
    """A dry run names calls and consequences; another count than expected is refused with the job that was tried."""
    async with a_world([SUPERSIM, WIRELESS], sims=4, unhurried=True) as world:
        wanted = {"select": {"filter": {"accounts": [WIRELESS]}}, "status": "ACTIVE"}

        dry = (await world.data(UPDATE, {"input": {**wanted, "expectedCount": 4, "dryRun": True}}))["updateSims"]
        wrong = (await world.data(UPDATE, {"input": {**wanted, "expectedCount": 5}}))["updateSims"]

        assert (dry["outcome"], dry["job"]) == ("DRY_RUN", None)
        assert [(call["account"], call["operation"], call["count"]) for call in dry["plan"]] == [
            (WIRELESS, "update_sim", 4)
        ]
        assert "charged" in dry["plan"][0]["consequence"]
        assert (wrong["outcome"], wrong["job"]["status"]) == ("REFUSED", "REFUSED")
        assert [problem["path"] for problem in wrong["problems"]] == [["input", "expectedCount"]]
        assert [each for each in world.arrived(WIRELESS) if each.method != "GET"] == []


async def test_two_bulk_changes_in_one_request():
    """A refused one does not hide the other, which is begun."""
    async with a_world([WIRELESS], sims=2, unhurried=True) as world:
        ids = await ids_of(world)

        told = await world.data(
            f"""mutation($bad: UpdateSimsInput!, $good: UpdateSimsInput!) {{
              bad: updateSims(input: $bad) {{ {PAYLOAD} }} good: updateSims(input: $good) {{ {PAYLOAD} }} }}""",
            {
                "bad": {"select": {"ids": []}, "status": "ACTIVE"},
                "good": {"select": {"ids": ids}, "status": "ACTIVE"},
            },
        )

        assert (told["bad"]["outcome"], told["good"]["outcome"] in ("PENDING", "APPLIED")) == ("REFUSED", True)


async def test_a_change_shows_in_the_sims():
    """What a job has changed is read anew: an item's SIM is as it is now."""
    async with a_world([SUPERSIM], sims=6, unhurried=True) as world:
        ids = await ids_of(world)
        job = (await world.data(UPDATE, {"input": {"select": {"ids": ids}, "status": "SUSPENDED"}}))["updateSims"][
            "job"
        ]
        await over(world, job["id"])

        query = "query($id: ID!) { job(id: $id) { items { nodes { outcome sim { status } } } } }"
        items = (await world.data(query, {"id": job["id"]}))["job"]["items"]["nodes"]

        shown = {item["sim"]["status"] for item in items if item["outcome"] in ("APPLIED", "PENDING")}
        assert shown
        assert shown <= {"SUSPENDED", "PENDING"}
