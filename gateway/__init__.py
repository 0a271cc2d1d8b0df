"""Everything with a socket, a clock or a secret: the server, the batching and the providers."""
