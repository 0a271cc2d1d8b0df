"""Accounts by the names that replicas share: the operator's, with a sign of what account it is.

A name alone would not do: an account may be pointed elsewhere under its old name, and two deployments may have one
Redis and one name for different accounts.
"""

from collections.abc import Iterable, Mapping

from gateway.cache.entry import Slot

__all__ = ["Labels"]


class Labels:
    """`labels` by account name. Keys and groups begin with the account's name and a slash."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._names = {label: name for name, label in self._labels.items()}

    def shared(self, key: str) -> str:
        """A key or group, or an account, as replicas share it."""
        account, slash, rest = key.partition("/")
        return f"{self._labels.get(account, account)}{slash}{rest}"

    def slot(self, slot: Slot) -> Slot:
        """The same of both parts of a slot."""
        return Slot(self.shared(slot.key), self.shared(slot.group))

    def own(self, keys: Iterable[str]) -> list[str]:
        """Those of shared keys that are of our accounts, as they are called here."""
        told = []
        for key in keys:
            label, slash, rest = key.partition("/")
            if label in self._names:
                told.append(f"{self._names[label]}{slash}{rest}")
        return told
