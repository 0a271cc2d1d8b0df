"""Whole numbers in a request have at most 64 bits, as BigInt has: Python cannot even print much larger ones."""

__all__ = ["MOST_DIGITS", "TOO_LARGE", "WHOLE_MAX", "WHOLE_MIN", "fits"]

WHOLE_MIN, WHOLE_MAX = -(2**63), 2**63 - 1
MOST_DIGITS = len(str(WHOLE_MIN))
TOO_LARGE = "a whole number may have 64 bits; an id or an ICCID is a string, in quotes"


def fits(digits: str) -> bool:
    """Whether a whole number as it is written has at most 64 bits. Its length is looked at first: to read a much longer
    one is an error of Python's."""
    return len(digits) <= MOST_DIGITS and WHOLE_MIN <= int(digits) <= WHOLE_MAX
