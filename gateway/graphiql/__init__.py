"""GraphiQL, the page for trying queries: built from its package and served wholly by the gateway."""
