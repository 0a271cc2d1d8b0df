"""The way to a provider: HTTP, credentials, pace, and what a failure means."""
