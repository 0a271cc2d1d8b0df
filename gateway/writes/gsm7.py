"""The alphabet of text messages and how much of a message each character takes (3GPP TS 23.038, 6.2.1)."""

__all__ = ["outsider", "septets"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet: 127 characters. The 128th code is the escape to the extension table. At 0x09 the standard has
the capital Ç; the small one is in neither table."""

_EXTENSION = frozenset("\f^{}\\[~]|€")
"""The default extension table: an escape and a code each."""


def outsider(text: str) -> str | None:
    """The first character that the alphabet has not, None where it has them all."""
    return next((each for each in text if each not in _BASIC and each not in _EXTENSION), None)


def septets(text: str) -> int:
    """How many of a message's 160 places a text takes whose characters are all in the alphabet."""
    return len(text) + sum(each in _EXTENSION for each in text)
