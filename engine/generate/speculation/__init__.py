"""Guessing tokens, so that one trip through the swarm answers several. The answer stays what it would be."""
