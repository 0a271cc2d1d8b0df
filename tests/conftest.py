"""Which tests are run again when they fail, how patient hypothesis is, and that no log has a secret in it."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.secrets import net

ON_THE_CLOCK = (
    "tests/access/*",
    "tests/audit/test_log.py",
    "tests/browser/test_graphiql.py",
    "tests/browser/test_key.py",
    "tests/cache/*",
    "tests/contract/test_failures.py",
    "tests/flow/*",
    "tests/jobs/*",
    "tests/reach/*",
    "tests/server/*",
    "tests/server/audit/*",
    "tests/store/*",
    "tests/test_cli_audit.py",
    "tests/test_cli_durable.py",
    "tests/test_cli_redis.py",
    "tests/test_cli_reload.py",
    "tests/test_cli_servers.py",
    "tests/test_readme.py",
    "tests/test_readme_exposed.py",
    "tests/upstream/test_carrier.py",
    "tests/upstream/test_client.py",
    "tests/upstream/test_pace.py",
    "tests/upstream/test_pace_together.py",
    "tests/writes/*",
)
"""Files with tests that depend on the real clock or on other processes. All others see no time but what they pass in,
and are never run again."""

PURE = (
    "tests/cache/test_codec.py",
    "tests/cache/test_memory.py",
    "tests/cache/test_truth.py",
    "tests/jobs/test_lane.py",
    "tests/jobs/test_walk.py",
    "tests/reach/test_members.py",
    "tests/reach/test_spent.py",
    "tests/server/test_health.py",
    "tests/server/test_http*.py",
    "tests/writes/test_callback.py",
    "tests/writes/test_gsm7.py",
    "tests/writes/test_inputs_*",
)
"""Files beside them that do not."""

AGAIN = pytest.mark.flaky(reruns=2, reruns_delay=1)
"""A machine that others use may stand still for seconds, which no limit of a test can foresee for certain. That fails a
test now and then; a defect fails it three times. The summary names every test that was run again."""

# A stall is no reason to fail a property, either. What else CI's profile says stays.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    """Look for secrets in everything that is logged, until the end."""
    config.pluginmanager.register(net)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests on the clock run again when they fail."""
    for item in items:
        if _is_on_the_clock(item.path):
            item.add_marker(AGAIN)


@cache
def _is_on_the_clock(path: Path) -> bool:
    return any(map(path.match, ON_THE_CLOCK)) and not any(map(path.match, PURE))
