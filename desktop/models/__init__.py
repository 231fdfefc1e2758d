"""The Models page: what the swarm can answer with, what is missing, and what is on this computer."""
