"""Ids and ICCIDs: what goes in comes out, and what is damaged says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import Invalid
from schema.iccid import is_iccid, luhn_digit, other_form, same_iccid
from schema.ids import GlobalId, decode_id, encode_id

NAMES = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
NATIVE = st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable())


@given(NAMES, st.sampled_from(["Sim", "DataSession"]), NATIVE)
def test_an_id_is_read_back(account: str, kind: str, native_id: str):
    """Whatever a provider's id looks like, colons and slashes included, the global id gives it back."""
    assert decode_id(encode_id(account, kind, native_id)) == GlobalId(account, kind, native_id)


@given(st.text(max_size=80))
def test_any_text_is_an_id_or_names_itself(text: str):
    """Random text is either exactly an id we would write, or Invalid with the argument's name in the message."""
    try:
        decoded = decode_id(text)
    except Invalid as error:
        told = (error.message[:4], error.path)
    else:
        told = ("id: ", ["id"]) if encode_id(*decoded) == text else ("", None)

    assert told == ("id: ", ["id"])


@given(st.text(alphabet="0123456789", min_size=19, max_size=19))
def test_both_forms_of_an_iccid_are_one_sim(iccid: str):
    """An ICCID of 19 digits and the same with its check digit name one SIM, in both directions."""
    longer = other_form(iccid)

    assert longer is not None
    assert longer == iccid + luhn_digit(iccid)
    assert other_form(longer) == iccid
    assert same_iccid(iccid, longer)
    assert same_iccid(longer, iccid)


def test_the_check_digit_is_luhns():
    """A published example: 7992739871 has the check digit 3."""
    assert luhn_digit("7992739871") == "3"


@pytest.mark.parametrize(
    ("one", "other"), [("8988", "89880"), (None, "8988"), ("89" * 10, "98" * 10), ("1" * 18, "1" * 19)]
)
def test_other_iccids_are_not_the_same(one: str | None, other: str):
    """Shorter prefixes, absent ones and different ones are different SIMs."""
    assert not same_iccid(one, other)


@pytest.mark.parametrize("text", ["", "activity", "8988 307", "8" * 17, "8" * 23, "٨" * 19])
def test_what_is_no_iccid(text: str):
    """Words, blanks, wrong lengths and digits of other scripts are no ICCIDs."""
    assert not is_iccid(text)
