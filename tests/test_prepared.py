"""A configuration as the processes that serve it have it."""

from pathlib import Path

from gateway.auth.keys import new_key
from gateway.commands.prepared import Way, prepared
from gateway.server.hosts import LOOPBACK
from tests.config_tables import RIGHT, load

KEY = new_key()
CALLER = f"""
[[callers]]
name = "ops"
scopes = ["admin"]
accounts = ["*"]
[[callers.keys]]
prefix = "{KEY.prefix}"
sha256 = "{KEY.sha256}"
"""


def test_who_asks_nobody_is_known_by_this_machines_names(tmp_path: Path) -> None:
    """Unless the file names others; with callers any name will do."""
    assert prepared(load(tmp_path, RIGHT), Way()).server.hosts == LOOPBACK
    assert prepared(load(tmp_path, RIGHT + "[server]\nhosts = ['sims']"), Way()).server.hosts == ("sims",)
    assert prepared(load(tmp_path, RIGHT + CALLER), Way()).server.hosts == ()


def test_what_the_file_does_not_say_stays(tmp_path: Path) -> None:
    """A file that is read again has the key of cursors and the names that were in use; its own go first."""
    before = prepared(load(tmp_path, RIGHT), Way()).server
    again = prepared(load(tmp_path, RIGHT + CALLER), Way(), before).server
    named = prepared(
        load(tmp_path, RIGHT + '[server]\ncursor_key = "${TOKEN}"\nhosts = ["sims"]'), Way(), before
    ).server

    assert (again.cursor_key, again.hosts) == (before.cursor_key, LOOPBACK)
    assert again.cursor_key is not None
    assert (named.cursor_key == before.cursor_key, named.hosts) == (False, ("sims",))
