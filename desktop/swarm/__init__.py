"""The Swarm page: who serves which layers, how this computer is connected, and what to do about it."""
