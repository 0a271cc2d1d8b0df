"""What an operation costs in provider calls, by account, before it runs."""
