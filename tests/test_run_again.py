"""The lists of what is run again when it fails are right."""

from pathlib import Path

import pytest

from tests.conftest import ON_THE_CLOCK, PURE

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("place", ON_THE_CLOCK + PURE)
def test_every_place_has_tests(place: str) -> None:
    """No entry names what has been moved or removed."""
    assert list(ROOT.glob(place))


def test_a_test_without_a_clock_is_run_once(request: pytest.FixtureRequest) -> None:
    """This one is not among them."""
    assert request.node.get_closest_marker("flaky") is None
