"""The swarm passes on its own weights: parts are asked of many peers at once and checked chunk by chunk."""
