"""Real mobile network operators with their true codes, so that simulated answers look like real ones.

Codes are strings: an MNC keeps its leading zero, and two and three digits both occur (ITU-T E.212).
Coordinates are the middle of a large city of the country.
"""

from dataclasses import dataclass

__all__ = ["OPERATORS", "Operator"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One public mobile network. `country` is ISO 3166-1 alpha-2; `lat` and `lon` are degrees."""

    mcc: str
    mnc: str
    name: str
    country: str
    lat: float
    lon: float


OPERATORS: tuple[Operator, ...] = (
    Operator("310", "260", "T-Mobile USA", "US", 39.739, -104.990),
    Operator("310", "410", "AT&T", "US", 32.779, -96.809),
    Operator("311", "480", "Verizon", "US", 40.713, -74.006),
    Operator("302", "720", "Rogers", "CA", 43.653, -79.383),
    Operator("334", "020", "Telcel", "MX", 19.433, -99.133),
    Operator("724", "05", "Claro", "BR", -23.551, -46.633),
    Operator("234", "10", "O2", "GB", 51.507, -0.128),
    Operator("234", "15", "Vodafone", "GB", 53.480, -2.242),
    Operator("234", "30", "EE", "GB", 52.486, -1.890),
    Operator("262", "01", "Telekom", "DE", 52.520, 13.405),
    Operator("262", "02", "Vodafone", "DE", 51.227, 6.773),
    Operator("208", "01", "Orange", "FR", 48.857, 2.352),
    Operator("208", "10", "SFR", "FR", 45.764, 4.836),
    Operator("222", "01", "TIM", "IT", 41.903, 12.496),
    Operator("214", "07", "Movistar", "ES", 40.417, -3.704),
    Operator("204", "04", "Vodafone", "NL", 52.367, 4.904),
    Operator("242", "01", "Telenor", "NO", 59.914, 10.752),
    Operator("242", "02", "Telia", "NO", 60.391, 5.322),
    Operator("240", "01", "Telia", "SE", 59.329, 18.069),
    Operator("238", "01", "TDC", "DK", 55.676, 12.568),
    Operator("228", "01", "Swisscom", "CH", 47.377, 8.542),
    Operator("232", "01", "A1", "AT", 48.208, 16.374),
    Operator("260", "02", "T-Mobile", "PL", 52.230, 21.012),
    Operator("440", "10", "NTT DOCOMO", "JP", 35.677, 139.650),
    Operator("505", "01", "Telstra", "AU", -37.814, 144.963),
    Operator("525", "01", "Singtel", "SG", 1.352, 103.820),
    Operator("655", "01", "Vodacom", "ZA", -26.204, 28.047),
)
