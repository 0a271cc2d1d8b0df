"""Lists over several accounts: which lists to ask, how their pages become one, and the cursor that goes on."""
