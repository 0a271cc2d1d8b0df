"""Two gateways at ten times what an account allows: `python -m tests.bench limits [seconds]`, 130 by default.

WAYSCloud at its 500 calls a minute and Cisco at one a second, both limits also kept by the simulators themselves. A few
people wait for their answers, who together ask less than the account allows; all others are bulk.
"""

import asyncio
from statistics import median, quantiles

from tests.two_gateways import DEADLINE, Reader, most_in_a_window, two_gateways

BULK = 45
"""Readers in no hurry at each gateway."""
CALLS_EACH = 2
"""A SIM that nobody has is looked for in both forms of its ICCID, or in two places."""


def main(args: list[str]) -> int:
    """0 when no window saw more than allowed and who waited was answered in time."""
    seconds = float(args[0]) if args else 130.0
    ways = asyncio.run(_is_kept("wayscloud", 500, 60.0, 8, seconds))
    cisco = asyncio.run(_is_kept("cisco-control-center", 1, 1.0, 1, seconds))
    return 0 if ways and cisco else 1


async def _is_kept(name: str, calls: int, window: float, concurrency: int, seconds: float) -> bool:
    async with two_gateways(name, str(calls), calls=calls, window=window, concurrency=concurrency) as (host, gateways):
        bulk = [Reader(gateway, "u=7") for gateway in gateways for _ in range(BULK)]
        people = [Reader(gateway, "u=3") for gateway in gateways for _ in range(4)]
        pause = len(people) * CALLS_EACH * 3 * window / calls  # a third of what the account allows
        await asyncio.gather(
            *(reader.read(seconds, 0.05) for reader in bulk),
            *(reader.read(seconds, pause, pause * place / len(people)) for place, reader in enumerate(people)),
        )
        most = most_in_a_window(host, name, window)
        complaints = sum(each.status == 429 for each in host.requests(name))
        times = [each for reader in people for each in reader.times]
        refused = sum(len(reader.refusals) for reader in people)
        p95 = quantiles(times, n=20)[-1]
        asked = sum(len(reader.answers) for reader in bulk + people)
        print(f"{name}: {calls} calls in {window:g} s allowed; {asked} questions in {seconds:g} s")
        print(f"  {len(host.requests(name))} calls arrived, at most {most} in any window, {complaints} complaints")
        print(f"  people: {len(times)} answers, {refused} refused, median {median(times):.2f} s, p95 {p95:.2f} s")
    return most <= calls and complaints == 0 and p95 < DEADLINE
