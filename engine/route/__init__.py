"""From published spans to a chain of servers, and the session that walks it."""
