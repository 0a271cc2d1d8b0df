"""What becomes of a change whose answer is lost: it was sent once, and is told as what it is or as unknown."""

import pytest

from tests.writes.catalog import CATALOG
from tests.writes.trial import Trial, tried

EXECUTED = ["reset", "garbage"]
"""What a provider may do with the answer after it has done what was asked."""
ALSO = ["empty", "wrong-type", "truncated-gzip"]
"""The same, tried with some."""
SOME = [case for case in CATALOG if case.mutation in ("updateSim", "sendCommand", "deleteSim")]
IN_DOUBT = [("drop", None), ("status", "500"), ("html", None), ("status", "302")]
"""What it may do without having done anything, though nobody can know that."""


@pytest.mark.parametrize("kind", [*EXECUTED, *ALSO])
async def test_done_and_the_answer_lost(kind: str):
    """It was sent once, has happened once, and reading back proves it."""
    cases = CATALOG if kind in EXECUTED else SOME

    async def look(trial: Trial) -> tuple[bool, int, int]:
        trial.fault(kind)
        payload = await trial.change()
        return payload["outcome"] in ("APPLIED", "PENDING"), trial.sent, await trial.happened()

    assert await tried(look, cases=cases) == dict.fromkeys(map(str, cases), (True, 1, 1))


async def test_done_and_no_answer_in_time():
    """A provider that does it and never answers: told within the request's time, never as refused, never done twice."""

    async def look(trial: Trial) -> tuple[str, int, int]:
        trial.fault("hang")
        payload = await trial.change()
        return payload["outcome"], trial.sent, await trial.happened()

    found = await tried(look, deadline=5.0)

    assert {name: (sent, happened) for name, (_, sent, happened) in found.items()} == dict.fromkeys(found, (1, 1))
    assert {outcome for outcome, *_ in found.values()} <= {"APPLIED", "PENDING", "UNKNOWN"}


async def test_nothing_done_and_nobody_knows():
    """It was not done, but nothing says so: it is unknown, not done, and not sent again."""

    async def look(trial: Trial) -> list[tuple[str, int, int]]:
        found = []
        for kind, value in IN_DOUBT:
            trial.fault(kind, value)
            payload = await trial.change()
            found.append((payload["outcome"], trial.sent, await trial.happened()))
            await trial.again()
        return found

    assert await tried(look) == {str(case): [("UNKNOWN", 1, 0)] * len(IN_DOUBT) for case in CATALOG}
