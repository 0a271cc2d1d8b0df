"""How a number of SIMs is shared out over the providers of a simulated company."""

__all__ = ["SHARES", "share_out"]

SHARES = {
    "twilio-supersim": 26,
    "kore-supersim": 18,
    "twilio-wireless": 18,
    "kore-wireless": 16,
    "wayscloud": 14,
    "cisco-control-center": 8,
}
"""Per cent of all SIMs."""


def share_out(sims: int) -> dict[str, int]:
    """SIMs by provider; they add up to `sims`, and the last one takes what rounding leaves."""
    counts = {name: sims * share // 100 for name, share in SHARES.items()}
    counts["cisco-control-center"] += sims - sum(counts.values())
    return counts
