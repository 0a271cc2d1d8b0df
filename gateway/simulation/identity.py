"""The numbers printed on a SIM and its device: made from its index, valid by their check digits, and readable back."""

from gateway.simulation.noise import key_of, mix, with_luhn

__all__ = ["Identities"]

_SPACE = 10**11
_STEP = 48_271_918_373
_BACK = pow(_STEP, -1, _SPACE)
_DEVICES = 1 << 32
_DEVICE_STEP = 0x9E3779B1
_DEVICE_BACK = pow(_DEVICE_STEP, -1, _DEVICES)
_LONG = "89011704"
"""Issuer digits of 20-digit ICCIDs; the 19-digit ones have a 7-digit issuer."""

_ISSUERS = {
    "twilio-supersim": "8988307",
    "kore-supersim": "8988308",
    "twilio-wireless": "8901260",
    "kore-wireless": "8901261",
    "wayscloud": "8947080",
    "cisco-control-center": "8988216",
}
_TACS = ("86407204", "35316409", "86769105", "35745610")


class Identities:
    """ICCID, IMSI, MSISDN, IMEI, EID and device id of the SIMs of one world."""

    def __init__(self, place: int, provider: str) -> None:
        self._offset = place % _SPACE
        self._device_offset = place >> 8 & (_DEVICES - 1)
        self._issuer = _ISSUERS.get(provider, "8988299")
        self._serial = place >> 16 & 0xFFFF
        self._long = provider == "cisco-control-center"
        self._imei_key = key_of(place, "imei")

    def iccid(self, index: int) -> str:
        """19 digits, or 20 for every third SIM at Cisco, where both lengths occur; the last is a Luhn digit."""
        issuer = _LONG if self._long and index % 3 == 1 else self._issuer
        return with_luhn(f"{issuer}{(index * _STEP + self._offset) % _SPACE:011d}")

    def find_iccid(self, iccid: str, sims: int) -> int | None:
        """The index below `sims` that has this ICCID."""
        if not (iccid.isascii() and iccid.isdigit() and len(iccid) in {19, 20}):
            return None
        index = (int(iccid[-12:-1]) - self._offset) * _BACK % _SPACE
        return index if index < sims and self.iccid(index) == iccid else None

    def imsi(self, index: int) -> str:
        """15 digits under the shared country code 901."""
        return f"90128{(self._serial * 1_000_003 + index * 7) % 10**10:010d}"

    def msisdn(self, index: int) -> str:
        """An E.164 number with its plus sign, under the global code 883."""
        return f"+8835100{(self._serial * 1_000 + index) % 10**8:08d}"

    def imei(self, index: int) -> str:
        """15 digits: a module's type code, a serial, a Luhn digit."""
        bits = mix(self._imei_key, index)
        return with_luhn(f"{_TACS[bits % len(_TACS)]}{(bits >> 8) % 10**6:06d}")

    def eid(self, index: int) -> str:
        """32 digits whose last two make the whole 1 modulo 97 (GSMA SGP.02)."""
        body = int(f"8904{self._serial:05d}{index:021d}") * 100
        return str(body + 98 - body % 97)

    def device_id(self, index: int) -> str:
        """The name by which the provider knows the device the SIM is in."""
        return f"dev-{(index * _DEVICE_STEP + self._device_offset) % _DEVICES:08x}"

    def find_device(self, device_id: str, sims: int) -> int | None:
        """The index below `sims` that has this device id."""
        try:
            number = int(device_id.removeprefix("dev-"), 16)
        except ValueError:
            return None
        index = (number - self._device_offset) * _DEVICE_BACK % _DEVICES
        return index if index < sims and self.device_id(index) == device_id else None
