"""Changing something: once, with its intent written down before and its outcome after."""
