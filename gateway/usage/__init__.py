"""Usage: spans cut into what providers allow, and sums that never hide what is unknown."""
