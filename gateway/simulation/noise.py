"""Chance without state: every simulated fact is a hash of where it belongs, so nothing has to be stored."""

from hashlib import blake2b

__all__ = ["Handles", "key_of", "luhn_digit", "mix", "with_luhn"]

_MASK64 = (1 << 64) - 1
_MASK128 = (1 << 128) - 1
_ODD_1 = 0x9E3779B97F4A7C15F39CC0605CEDC835
_ODD_2 = 0xD1342543DE82EF95C2B2AE3D27D4EB4F
_BACK_1 = pow(_ODD_1, -1, 1 << 128)
_BACK_2 = pow(_ODD_2, -1, 1 << 128)


def key_of(*parts: object) -> int:
    """A 64-bit key for a named place, e.g. `key_of(seed, provider, "sessions")`. Slow; compute once, then `mix`."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def mix(key: int, number: int) -> int:
    """64 well-mixed bits for one number under one key (splitmix64's finaliser)."""
    x = (key + number * 0x9E3779B97F4A7C15) & _MASK64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK64
    return x ^ (x >> 31)


class Handles:
    """Ids of two letters and 32 hex digits that hide two numbers and can be read back.

    `encode(3, 7)` gives e.g. `HS5f...`; `decode` gives `(3, 7)`, or None for any id this world did not make.
    Both numbers must be below 2**40.
    """

    __slots__ = ("_check", "prefix")

    def __init__(self, prefix: str, *place: object) -> None:
        self.prefix = prefix
        self._check = key_of("handle", prefix, *place) & ((1 << 48) - 1)

    def encode(self, first: int, second: int = 0) -> str:
        """The id that stands for these two numbers."""
        x = (self._check << 80) | (second << 40) | first
        x ^= x >> 64
        x = (x * _ODD_1) & _MASK128
        x ^= x >> 64
        x = (x * _ODD_2) & _MASK128
        x ^= x >> 64
        return f"{self.prefix}{x:032x}"

    def decode(self, text: str) -> tuple[int, int] | None:
        """The two numbers behind an id, or None when the id is not one of ours."""
        if len(text) != len(self.prefix) + 32 or not text.startswith(self.prefix):
            return None
        try:
            x = int(text[len(self.prefix) :], 16)
        except ValueError:
            return None
        x ^= x >> 64
        x = (x * _BACK_2) & _MASK128
        x ^= x >> 64
        x = (x * _BACK_1) & _MASK128
        x ^= x >> 64
        if x >> 80 != self._check:
            return None
        first, second = x & ((1 << 40) - 1), (x >> 40) & ((1 << 40) - 1)
        return (first, second) if self.encode(first, second) == text else None


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_digit(digits: str) -> str:
    """The check digit (ISO/IEC 7812-1) to append to a string of digits."""
    total = sum(_DOUBLED[int(digit)] for digit in digits[::-2])
    total += sum(int(digit) for digit in digits[-2::-2])
    return str(-total % 10)


def with_luhn(digits: str) -> str:
    """The digits with their check digit appended."""
    return digits + luhn_digit(digits)
