"""A swarm of made-up computers on which the real decisions are tried out, in virtual time."""
