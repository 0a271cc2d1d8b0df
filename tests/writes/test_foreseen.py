"""What a dry run can know, it tells."""

from gateway.cache.options import CacheOptions
from gateway.cache.windows import Windows
from schema.ids import encode_id
from schema.sim import Sim
from schema.status import SimStatus
from tests.world import a_world
from tests.writes.catalog import change


async def test_a_thing_that_is_not_there():
    """There would be nothing to change."""
    async with a_world(["twilio-supersim"]) as world:
        given = {"id": encode_id("twilio-supersim", "Sim", "HS" + "0" * 32), "name": "x"}

        payload = await change(world, "updateSim", given, dryRun=True)

        assert [each["code"] for each in payload["problems"]] == ["NOT_FOUND"]


async def test_a_plan_that_is_not_there():
    """Nor anything to delete."""
    async with a_world(["twilio-wireless"]) as world:
        given = {"id": encode_id("twilio-wireless", "RatePlan", "WP" + "0" * 32)}

        payload = await change(world, "deleteRatePlan", given, dryRun=True)

        assert [each["code"] for each in payload["problems"]] == ["NOT_FOUND"]
        assert [each.method for each in world.arrived("twilio-wireless")] == ["GET"]


async def test_a_status_that_is_not_allowed():
    """The provider's known rules are told beside the plan."""
    async with a_world(["twilio-supersim"]) as world:
        sims = (await world.data("{ sims(first: 40, filter: {status: [ACTIVE]}) { nodes { id } } }"))["sims"]["nodes"]
        given = {"id": sims[0]["id"]}

        back = await change(world, "updateSim", given, status="READY", dryRun=True)
        stop = await change(world, "updateSim", given, status="SUSPENDED", dryRun=True)

        assert [(each["code"], each["path"]) for each in back["problems"]] == [("REFUSED", ["input", "status"])]
        assert (stop["outcome"], stop["problems"]) == ("DRY_RUN", [])


async def test_a_key_that_is_taken():
    """A dry run under a key that was used for something else is refused as the change itself would be."""
    async with a_world(["twilio-supersim"]) as world:
        sim = (await world.data("{ sims(first: 1) { nodes { id } } }"))["sims"]["nodes"][0]["id"]
        await change(world, "updateSim", {"id": sim, "name": "one"}, idempotencyKey="k")

        payload = await change(world, "updateSim", {"id": sim, "name": "two"}, idempotencyKey="k", dryRun=True)

        assert (payload["outcome"], payload["problems"][0]["code"]) == ("REFUSED", "CONFLICT")


async def test_what_a_provider_has_no_way_to_do():
    """The reason is the same as for the change itself, whatever is asked."""
    async with a_world(["wayscloud"]) as world:
        sim = (await world.data("{ sims(first: 1) { nodes { id } } }"))["sims"]["nodes"][0]["id"]
        for asked in ({"status": "ACTIVE"}, {"nativeStatus": "active"}, {"name": "x"}):
            dry = await change(world, "updateSim", {"id": sim} | asked, dryRun=True)
            real = await change(world, "updateSim", {"id": sim} | asked)

            assert dry["problems"] == real["problems"]
            assert (dry["outcome"], dry["problems"][0]["code"]) == ("REFUSED", "UNSUPPORTED")


async def test_a_dry_run_that_is_null_is_no_question():
    """A variable that was forgotten must not send what was only to be tried."""
    async with a_world(["twilio-supersim"]) as world:
        sim = (await world.data("{ sims(first: 1) { nodes { id } } }"))["sims"]["nodes"][0]["id"]
        world.forget()

        renaming = 'updateSim(input: {id: $sim, name: "x", dryRun: $dry}) { outcome }'
        answer = await world.ask(f"mutation ($sim: ID!, $dry: Boolean) {{ {renaming} }}", {"sim": sim, "dry": None})

        assert "errors" in answer
        assert world.arrived("twilio-supersim") == []


async def test_a_refused_sim_is_shown_as_it_is():
    """What a provider refused has changed nothing: the payload shows what is remembered."""
    async with a_world(["twilio-supersim"], cache=CacheOptions()) as world:
        sim = (await world.data("{ sims(first: 1) { nodes { id status } } }"))["sims"]["nodes"][0]
        world.host.fault("twilio-supersim", "status", "400", count=1)

        answer = await world.data(
            'mutation ($sim: ID!) { updateSim(input: {id: $sim, name: "x"}) { outcome sim { id status } } }',
            {"sim": sim["id"]},
        )

        assert answer["updateSim"] == {"outcome": "REFUSED", "sim": sim}


async def test_what_is_under_way_is_not_remembered_for_long():
    """A SIM that is PENDING is asked for again soon: its end is what everybody waits for."""
    windows = Windows()

    assert windows.of_thing(Sim(native_id="a", status=SimStatus.PENDING)).fresh <= 5
    assert windows.of_thing(Sim(native_id="a", status=SimStatus.ACTIVE)).fresh == 60
