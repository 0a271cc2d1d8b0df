"""Documents of operations: what one may contain, whether it is valid, and by which names a kept one is known."""
