"""How many keys become few calls."""
