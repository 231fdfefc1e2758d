"""Which layers of which model a server should take, and when it should move: pure, from directory data."""
