"""Cursors: read back exactly, and never believed when they are not ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.lists.cursor import LONGEST, Place, Positions, Sealer, fingerprint
from schema.errors import Invalid

PLACES = st.builds(
    Positions,
    last=st.sampled_from(["", "a/list_sims"]),
    places=st.dictionaries(
        st.from_regex(r"[a-z0-9-]{1,12}/list_sims", fullmatch=True),
        st.builds(
            Place,
            size=st.integers(1, 1000),
            token=st.none() | st.text(max_size=40),
            offset=st.integers(0, 1000),
            done=st.booleans(),
        ),
        max_size=6,
    ),
)
SEALER = Sealer(b"a key of thirty-two bytes or more")
QUESTION = fingerprint("sims", "anything")


@given(PLACES)
def test_a_cursor_is_read_back(places: Positions):
    """Whatever was sealed is read back as it was, by every replica with the key."""
    assert Sealer(b"a key of thirty-two bytes or more").read(QUESTION, SEALER.write(QUESTION, places)) == places


@given(PLACES, st.data())
def test_a_damaged_cursor_names_itself(places: Positions, data: st.DataObject):
    """One changed character anywhere makes a cursor Invalid, with the argument's name."""
    cursor = SEALER.write(QUESTION, places)
    at = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.sampled_from("AZaz09-_").filter(lambda char: char != cursor[at]))

    with pytest.raises(Invalid, match="after: this cursor is damaged"):
        SEALER.read(QUESTION, cursor[:at] + other + cursor[at + 1 :])


@given(st.text(max_size=200))
def test_any_text_is_refused(text: str):
    """Random text is never a cursor, and never anything but Invalid."""
    with pytest.raises(Invalid):
        SEALER.read(QUESTION, text)


def test_a_cursor_of_another_list_is_refused():
    """A cursor is good for the question it came from only."""
    cursor = SEALER.write(QUESTION, Positions())

    with pytest.raises(Invalid, match="another list or filter"):
        SEALER.read(fingerprint("fleets"), cursor)


def test_a_cursor_of_another_key_is_refused():
    """Without the key nobody can write a cursor."""
    cursor = Sealer(b"another key").write(QUESTION, Positions())

    with pytest.raises(Invalid, match="damaged"):
        SEALER.read(QUESTION, cursor)


def test_a_cursor_for_very_many_accounts():
    """One with a place for each of several hundred accounts is read; what is longer than any is not opened."""
    places = Positions({f"account-{number}/list_sims": Place(50, "t" * 40, 3) for number in range(600)})
    cursor = SEALER.write(QUESTION, places)
    endless = SEALER.write(QUESTION, Positions({str(number): Place(50, "t" * 40) for number in range(2_000)}))

    assert 40_000 < len(cursor) < LONGEST < len(endless)
    assert SEALER.read(QUESTION, cursor) == places
    assert SEALER.places(endless) is None
    with pytest.raises(Invalid, match="damaged"):
        SEALER.read(QUESTION, endless)


def test_a_request_opens_a_cursor_once():
    """However many fields are given the same one, for a price or for a page; and it is still bound to its list."""
    cursor = SEALER.write(QUESTION, Positions({"a/list_sims": Place(50)}))
    sealer = SEALER.remembering()

    assert sealer.places(cursor) is sealer.places(cursor)
    assert sealer.read(QUESTION, cursor) is sealer.places(cursor)
    assert SEALER.places(cursor) is not SEALER.places(cursor)
    with pytest.raises(Invalid, match="another list"):
        sealer.read(fingerprint("fleets"), cursor)
