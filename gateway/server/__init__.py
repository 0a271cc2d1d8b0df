"""The socket side: routes, the shape of a GraphQL request over HTTP, limits of size and time, health."""
