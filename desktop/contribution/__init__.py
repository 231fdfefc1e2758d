"""The Contribution page: what this computer gave, when, and what share of the swarm that is."""
