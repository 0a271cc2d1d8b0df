"""How much each caller may ask in a minute: requests, and provider calls."""
