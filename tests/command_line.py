"""The command line as its users have it: a process of its own, told to stop by a signal."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.secrets.net import NET

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0
"""Seconds to wait for what a process must do at once; only a failing test uses them up."""


@dataclass
class Running:
    """A command under way."""

    process: asyncio.subprocess.Process
    output: list[str] = field(default_factory=list)
    errors: str = ""

    async def find(self, pattern: str, *, errors: bool = False) -> str:
        """The first group of the pattern in what it prints, read line by line until it is there."""
        stream = self.process.stderr if errors else self.process.stdout
        assert stream is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await stream.readline()).decode():
                self.output.append(line)
                NET.look(line if errors else "", "standard error of a command")
                if match := re.search(pattern, line):
                    return match[1]
        raise AssertionError(f"{pattern!r} is not in {self.output}")

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit status after this signal; `output` and `errors` then hold the rest of what it said."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Its exit status, once it ends by itself."""
        async with asyncio.timeout(PATIENCE):
            output, errors = await self.process.communicate()
        self.output.append(output.decode())
        self.errors += errors.decode()
        NET.look(self.errors, "standard error of a command")
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def running(*arguments: str | Path, **environ: str) -> AsyncIterator[Running]:
    """Run `python -m gateway` with these arguments and these variables besides the usual ones."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *map(str, arguments),
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it may have ended without our having heard of it
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            if process.stderr is not None:
                NET.look((await process.stderr.read()).decode(), "standard error of a command")


def with_patience(config: Path) -> None:
    """Give every account of a configuration, and every request, the time that a machine may stand still."""
    patient = {"time_limit": 50.0, "connect_timeout": 30.0, "read_timeout": 30.0}
    own = re.sub(rf"^({'|'.join(patient)}) = .*\n", "", config.read_text(), flags=re.MULTILINE)
    table = "\n".join(["[[accounts]]", *(f"{key} = {seconds}" for key, seconds in patient.items())])
    config.write_text(f"{own.replace('[[accounts]]', table)}\n[server]\ndeadline = 60.0\n")


async def done(*arguments: str | Path, **environ: str) -> tuple[int, str, str]:
    """Exit status, output and errors of a command that ends by itself."""
    async with running(*arguments, **environ) as command:
        status = await command.ended()
        return status, "".join(command.output), command.errors
