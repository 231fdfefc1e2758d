"""The local door: HTTP API, its schema and its typed client."""
