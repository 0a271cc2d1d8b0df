"""Catches what must not be in a log: every line of the whole suite, and what the gateways that tests start write."""

import logging
import os
import re
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.logs import TextFormatter
from gateway.secret import Secret

__all__ = ["NET", "SECRETS", "Net"]

SECRETS = (
    "simulated-auth-token",
    "simulated-client-secret",
    "demo-control-center-key",
    "wayscloud_globalsim_demo_key",
    "tiny-demo-key",
    "hunter2",
    "s3cret",
    "the secret word",
    "secret words",
    "k" * 32,
)
"""Credentials of the simulators and those that tests make up, texts that tests send to devices, a key of cursors."""

LIKE_SECRETS = (
    r"sgw_[0-9A-Za-z]{8}_[0-9A-Za-z]{20}",  # a caller's key
    r"eyJ[0-9A-Za-z_-]{12}",  # a token, of an issuer or of a simulated provider
    r"(?i:basic|bearer) [0-9A-Za-z+/=._~-]{8}",
    r"://[^\s/@]+:[^\s/@*]+@",  # a password in an address
    r"90128[0-9]{10}",  # an IMSI, MSISDN, IMEI, IP address of a simulated SIM or its sessions
    r"8835100[0-9]{8}",
    r"(?:86407204|35316409|86769105|35745610)[0-9]{7}",
    r"100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.[0-9]{1,3}\.[0-9]{1,3}",
)

LEAST = 8
"""Characters of a test's own Secret that is looked for. Shorter ones are words."""

MOST = 20
"""Findings that are kept."""


class Net:
    """What was found, each with the test that was running."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._formatter = TextFormatter()
        self._made: set[str] = set(SECRETS)
        self._pattern = re.compile("|".join(LIKE_SECRETS))
        self._is_looking = False

    def knows(self, secret: str) -> None:
        """One more to look for."""
        if len(secret) >= LEAST:
            self._made.add(secret)

    def look(self, text: str, where: str, test: str | None = None) -> None:
        """Keep what is in this text and must not be."""
        if len(self.found) < MOST and (found := self._in(text)):
            test = test or os.environ.get("PYTEST_CURRENT_TEST", "no test")
            self.found.append(f"{found!r} in {where} of {test}: {text[:2000]!r}")

    def record(self, record: logging.LogRecord) -> None:
        """A log record, as it would be written. What formatting it logs is not looked at."""
        if not self._is_looking:
            self._is_looking = True
            try:
                self.look(self._formatter.format(record), f"the log {record.name}")
            finally:
                self._is_looking = False

    def _in(self, text: str) -> str | None:
        match = self._pattern.search(text)
        return match[0] if match else next((each for each in self._made if each in text), None)


NET = Net()
"""The one of this process. One that the main process of a parallel run has gets what the others found."""


def spread(net: Net) -> None:
    """From now on every record that any logger of this process hands on, and every Secret that is made, is seen."""
    hand_on, make = logging.Logger.callHandlers, Secret.__init__

    def handed_on(logger: logging.Logger, record: logging.LogRecord) -> None:
        net.record(record)
        hand_on(logger, record)

    def made(secret: Secret, value: str) -> None:
        net.knows(value)
        make(secret, value)

    logging.Logger.callHandlers = handed_on  # type: ignore[method-assign]  # whatever handlers a test sets up
    Secret.__init__ = made  # type: ignore[method-assign]  # there is no other way to hear of all


# --- hooks of pytest, which tests/conftest.py has -------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    del config
    spread(NET)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What processes wrote that have this one's standard error; the last report of a test has all of it."""
    if report.when == "teardown" and report.capstderr:
        NET.look(report.capstderr, "standard error", report.nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # Any: a class of pytest-xdist
    """A process of a parallel run hands over what it found."""
    del error
    NET.found += getattr(node, "workeroutput", {}).get("spilled", [])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was found fails the whole, and the main process says it."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)  # Any: as pytest-xdist has it
    if output is not None:
        output["spilled"] = NET.found
    if NET.found:
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told(NET.found, terminalreporter)


def told(found: Iterable[str], reporter: pytest.TerminalReporter) -> None:
    for each in dict.fromkeys(found):
        reporter.write_line(f"LEAKED {each}", red=True)
