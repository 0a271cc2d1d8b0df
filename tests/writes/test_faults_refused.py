"""What becomes of a change that was certainly not executed: it is refused, with the reason, and not sent again."""

from gateway.registry import platforms
from tests.ports import free_port
from tests.world import a_gateway, settings_of
from tests.writes.catalog import CATALOG, change
from tests.writes.trial import Trial, tried

NAMES = [str(case) for case in CATALOG]
NOT_EXECUTED = {
    ("status", "400"): "REFUSED",
    ("status", "403"): "DENIED",
    ("throttle", None): "RATE_LIMITED",
    ("throttle", "1"): "RATE_LIMITED",
}
"""What a provider may answer that says so, and how the problem is called."""


async def test_a_refusal():
    """The provider says that it did nothing: so does the answer, whatever it says, and then it can be done."""

    async def look(trial: Trial) -> list[object]:
        found: list[object] = []
        for (kind, value), code in NOT_EXECUTED.items():
            trial.fault(kind, value)
            payload = await trial.change()
            [problem] = payload["problems"]
            assert problem["retryAfter"] == (float(value) if kind == "throttle" and value else None)
            is_right = (payload["outcome"], problem["code"]) == ("REFUSED", code)
            found.append((is_right, problem["retryable"] is (code == "RATE_LIMITED"), trial.sent))
            await trial.again()
        return [*found, await trial.happened()]

    assert await tried(look) == {name: [*([(True, True, 1)] * len(NOT_EXECUTED)), 0] for name in NAMES}


async def test_nobody_there():
    """Where no connection comes about nothing was sent, and the answer says that it may be tried again."""

    async def look(trial: Trial) -> tuple[object, ...]:
        name = trial.case.provider
        nowhere = f"http://127.0.0.1:{free_port()}"
        settings = settings_of(platforms()[name], trial.world.simulators[name], nowhere, name)
        async with a_gateway([settings]) as alone:
            payload = await change(alone, trial.case.mutation, trial.given)
        [problem] = payload["problems"]
        return payload["outcome"], problem["code"], problem["retryable"], trial.sent

    assert await tried(look) == dict.fromkeys(NAMES, ("REFUSED", "UNAVAILABLE", True, 0))


async def test_all_is_well():
    """A dry run names the one call it would take and changes nothing; without it and without a fault each of these is
    done, once: else the others would prove nothing."""

    async def look(trial: Trial) -> tuple[object, ...]:
        dry = await trial.change(dryRun=True)
        before = dry["outcome"], len(dry["plan"]), trial.sent, await trial.happened()
        payload = await trial.change()
        is_done = payload["outcome"] in ("APPLIED", "PENDING")
        return before, is_done, payload["problems"], trial.sent, await trial.happened()

    assert await tried(look) == dict.fromkeys(NAMES, (("DRY_RUN", 1, 0, 0), True, [], 1, 1))
