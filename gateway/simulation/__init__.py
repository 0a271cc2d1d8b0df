"""Pretend providers: one procedural world, and the small servers that show it the way each provider would."""
