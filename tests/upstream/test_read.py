"""Dates, places and numbers as providers write them: read if they are any, null if they are none, never an error."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.read import address, country, currency, digits, moment, msisdn, size, text


@given(st.text(max_size=40))
def test_nothing_a_provider_writes_is_an_error(value: str):
    """Every reader takes every text and gives a value or null."""
    for read in (address, country, currency, digits, moment, msisdn, text):
        assert read(value) is None or read(value) != ""


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_moments_are_read_back_in_every_form(when: dt.datetime):
    """With a T or a blank, with Z, +00:00 or +0000: the same moment in UTC."""
    for form in (when.isoformat(), when.isoformat(" "), when.isoformat().replace("+00:00", "Z")):
        assert moment(form) == when
        assert moment(form.replace("+00:00", "+0000")) == when


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2016-07-06 01:31:46.893+0000", dt.datetime(2016, 7, 6, 1, 31, 46, 893000, dt.UTC)),
        ("2016-11-10Z", dt.datetime(2016, 11, 10, tzinfo=dt.UTC)),
        ("2024-09-25T19:09:48.5842087+00:00", dt.datetime(2024, 9, 25, 19, 9, 48, 584208, dt.UTC)),
        ("2015-07-30T22:00:00+02:00", dt.datetime(2015, 7, 30, 20, tzinfo=dt.UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("0000-00-00", None),
        ("null", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_that_providers_write(written: str | None, read: dt.datetime | None):
    """The forms that are documented or were seen, and the ones that mean nothing."""
    assert moment(written) == read


@pytest.mark.parametrize(
    ("written", "read"), [("USA", "US"), ("no", "NO"), ("Norway", "NO"), ("string", None), ("", None), ("null", None)]
)
def test_countries_in_every_spelling(written: str, read: str | None):
    """Alpha-3, lower case and English names are one country each; other words are none."""
    assert country(written) == read


def test_what_is_no_size():
    """Negative numbers and numbers beyond 64 bits are no sizes; zero is one."""
    assert [size(value) for value in (None, -1, 2**63, 0, 7)] == [None, None, None, 0, 7]


def test_numbers_that_are_names():
    """Digits alone, of this script; leading zeros stay."""
    assert [digits(value) for value in ("0089", "89 88", "string", "٨٩", "")] == ["0089", None, None, None, None]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+4791234567", "+4791234567"),
        ("882351697004975", "+882351697004975"),
        (" 123456 ", "+123456"),
        ("12345", None),
        ("1234567890123456", None),
        ("++4791234567", None),
        ("+47 91 23 45 67", None),
        ("٤٧٩١٢٣٤٥٦٧", None),
        ("string", None),
        ("+", None),
        ("null", None),
        ("", None),
        (None, None),
    ],
)
def test_telephone_numbers_have_a_plus_sign(written: str | None, read: str | None):
    """E.164 whether or not the provider writes the plus; 6 to 15 digits of this script, and nothing else."""
    assert msisdn(written) == read


def test_currencies():
    """ISO 4217 in any case; other words are none."""
    assert [currency(value) for value in ("USD", "eur", "string", "", None)] == ["USD", "EUR", None, None, None]
