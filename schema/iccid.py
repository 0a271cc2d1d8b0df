"""ICCIDs: 19 digits and a check digit, which some providers leave out (ITU-T E.118)."""

import re

__all__ = ["is_iccid", "luhn_digit", "other_form", "same_iccid"]

_DIGITS = re.compile(r"[0-9]{18,22}")


def is_iccid(text: str) -> bool:
    """Whether it has the form of an ICCID. The check digit is not judged: providers do not all keep it right."""
    return _DIGITS.fullmatch(text) is not None


def luhn_digit(digits: str) -> str:
    """The check digit that goes behind these digits (ISO/IEC 7812-1)."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def other_form(iccid: str) -> str | None:
    """The same ICCID with or without its check digit: 19 digits for 20, 20 for 19; None for other lengths."""
    if len(iccid) == 20:
        return iccid[:19]
    if len(iccid) == 19:
        return iccid + luhn_digit(iccid)
    return None


def same_iccid(one: str | None, other: str | None) -> bool:
    """Whether both name one SIM: equal, or equal but for a twentieth digit."""
    if one is None or other is None:
        return False
    return one == other or (
        abs(len(one) - len(other)) == 1 and one[:19] == other[:19] and min(len(one), len(other)) == 19
    )
