"""Answers remembered: in this process, and in a Redis that all replicas share."""
