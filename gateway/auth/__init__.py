"""Who is calling: API keys and tokens, and the rights that come with them."""
