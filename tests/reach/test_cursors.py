"""Cursors of readers who see different things."""

from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.lists.cursor import Place, Positions, Sealer, fingerprint
from gateway.rights import EVERYTHING, Reach
from schema.errors import Invalid
from schema.ids import Key

SEALER = Sealer(b"a key of thirty-two bytes or more")
QUESTION = fingerprint("sims")
NAMES = st.frozensets(st.sampled_from("abcd"), max_size=3)
KEYS = st.frozensets(st.builds(Key, st.sampled_from("ab"), st.sampled_from("xy")), max_size=2)
REACHES = st.builds(Reach, st.booleans(), NAMES, NAMES, NAMES, KEYS)


@given(REACHES, REACHES)
def test_a_cursor_is_good_for_who_sees_the_same(one: Reach, other: Reach):
    """And for nobody else, whatever the order in which the rights were written."""
    places = Positions({"a/list_sims": Place(50, "token")})
    cursor = SEALER.seeing(one).write(QUESTION, places)

    if one == other:
        assert SEALER.seeing(other).read(QUESTION, cursor) == places
    else:
        with pytest.raises(Invalid, match="after: this cursor is of another list or filter"):
            SEALER.seeing(other).read(QUESTION, cursor)


def test_who_sees_everything_has_the_plain_sealer():
    """His cursors are those of a gateway that knows no callers."""
    assert SEALER.seeing(EVERYTHING) is SEALER


def test_a_cursor_cannot_be_read():
    """A provider's token may name what is not the reader's: nobody but the gateway reads it."""
    cursor = SEALER.write(QUESTION, Positions({"a/list_sms_commands": Place(50, "PTHCforeign")}))

    assert b"foreign" not in urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
