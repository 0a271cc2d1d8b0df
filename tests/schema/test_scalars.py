"""Scalars: strict in what they read, one form in what they write."""

import datetime as dt
from decimal import Decimal

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import read_bigint, read_datetime, read_decimal, write_datetime

MOMENTS = st.datetimes(timezones=st.timezones())


@given(MOMENTS)
def test_a_moment_is_written_in_utc_and_read_back(moment: dt.datetime):
    """Any aware time is written with Z and read back as the same moment."""
    try:
        utc = moment.astimezone(dt.UTC)
    except OverflowError:
        return

    written = write_datetime(moment)

    assert written.endswith("Z")
    assert read_datetime(written) == utc


@pytest.mark.parametrize("text", ["2026-11-01", "2026-11-01T00:00:00", "now", "", 17, None, "2026-13-01T00:00:00Z"])
def test_a_time_without_offset_is_refused(text: object):
    """A date, a local time, a number or nonsense is refused with the value in the message."""
    with pytest.raises(GraphQLError, match="RFC 3339"):
        read_datetime(text)


def test_an_offset_is_kept_in_meaning():
    """Two o'clock at +02:00 is midnight UTC."""
    assert write_datetime(read_datetime("2026-11-01T02:00:00+02:00")) == "2026-11-01T00:00:00Z"


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_big_integers_are_exact(value: int):
    """Every 64-bit integer passes unchanged."""
    assert read_bigint(value) == value


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 1.5, "7", True, None])
def test_what_is_no_big_integer(value: object):
    """Anything else is refused, booleans and strings included."""
    with pytest.raises(GraphQLError, match="64 bits"):
        read_bigint(value)


@pytest.mark.parametrize(
    ("value", "is_read"), [("12.50", True), ("-1", True), ("NaN", False), ("x", False), (12.5, False)]
)
def test_money_is_an_exact_string(value: object, is_read: bool):
    """Decimals come as strings; a float has lost its exactness already."""
    if is_read:
        assert read_decimal(value) == Decimal(str(value))
    else:
        with pytest.raises(GraphQLError, match="Decimal"):
            read_decimal(value)


@pytest.mark.parametrize("value", [10**5000, [10**5000], "9" * 5000, {"a": ["x" * 5000]}], ids=range(4))
def test_what_is_too_long_is_refused_in_a_line(value: object):
    """A value that Python cannot even print is refused like any other, and no message repeats it whole."""
    for read in (read_bigint, read_datetime):
        with pytest.raises(GraphQLError) as raised:
            read(value)

        assert len(raised.value.message) < 200
