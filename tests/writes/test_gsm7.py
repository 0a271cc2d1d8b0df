"""What of a text message's 160 places each character takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.writes.checks import sms_flaw
from gateway.writes.gsm7 import outsider, septets
from schema.command import PayloadEncoding

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà"
EXTENDED = "^{}\\[~]|€\f"


def text(value: str, limit: int | None = 160) -> str | None:
    return sms_flaw(value, PayloadEncoding.TEXT, limit, 140)


def binary(value: str, limit: int | None = 140) -> str | None:
    return sms_flaw(value, PayloadEncoding.BINARY, 160, limit)


@pytest.mark.parametrize("character", BASIC)
def test_the_alphabet_counts_one(character: str):
    """Each character of the default alphabet takes one place (3GPP TS 23.038, 6.2.1)."""
    assert outsider(character) is None
    assert septets(character) == 1


@pytest.mark.parametrize("character", EXTENDED)
def test_the_extension_counts_two(character: str):
    """Each character of the extension table takes an escape and itself."""
    assert outsider(character) is None
    assert septets(character) == 2


@pytest.mark.parametrize("character", "ç`êáíóúÀ”–…α\x1b\t😀漢")  # noqa: RUF001  look-alikes, on purpose
def test_others_are_outside(character: str):
    """What is in neither table is outside: the small ç, where the capital is in; the grave; the escape itself."""
    assert outsider("Ç" + character) == character


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_nothing_is_refused_that_fits_one_message(value: str):
    """A text passes exactly when it is not empty and takes no more than the 140 bytes of one message."""
    bits = septets(value) * 7 if outsider(value) is None else len(value.encode("utf-16-be")) * 8

    assert (text(value) is None) == (0 < bits <= 140 * 8)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("a" * 160, True),
        ("a" * 161, False),
        ("€" * 80, True),
        ("€" * 80 + "a", False),
        ("a" * 158 + "€", True),
        ("a" * 159 + "€", False),
        ("ç" * 70, True),
        ("ç" + "a" * 70, False),
        ("😀" * 35, True),
        ("😀" * 35 + "a", False),
        ("", False),
    ],
)
def test_the_limit_is_one_message(value: str, fits: bool):
    """160 places, or 70 code units of UTF-16 where one character is outside the alphabet; nothing is no message."""
    assert (text(value) is None) is fits


def test_the_flaw_says_the_limit_and_what_forces_it():
    """A caller is told the limit, the count and the character that made it so, and nothing of the message."""
    assert text("a" * 161) == "at most 160 characters (^ { } \\ [ ] ~ | and € count two); found 161"
    assert text("secret ç" + "a" * 70) == (
        "at most 70 characters where one is not in the GSM alphabet, as U+00E7 is not, and 160 where all are; found 78"
    )


def test_a_providers_own_limit_is_kept():
    """Another limit moves both counts; without one only the empty text is refused."""
    assert text("a" * 161, 320) is None
    assert text("ç" * 141, 320) is not None
    assert text("ç" * 1000, None) is None
    assert text("", None) == "must not be empty"


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("AAE=", True),
        ("AA" * 93 + "A=", True),  # 140 bytes
        ("AAAA" * 47, False),  # 141
        ("", False),
        ("AAE", False),
        ("AAE=\n", False),
        ("AA E=", False),
        ("AAF=", False),  # bits behind the last byte are not zero
        ("__8=", False),  # the URL alphabet
        ("ä", False),
    ],
)
def test_bytes_are_strict_base64(value: str, fits: bool):
    """1 to 140 bytes in base64 with padding; what only a lenient reader takes is refused."""
    assert (binary(value) is None) is fits


def test_bytes_without_a_limit():
    """Where the size is the provider's business only the form counts."""
    assert binary("AAAA" * 1000, None) is None
    assert binary("AAAA" * 47) == "at most 140 bytes; found 141"
    assert binary("?", None) is not None
