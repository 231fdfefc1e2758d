"""A swarm under attack: servers come, go, hang, lag and die while clients chat."""
