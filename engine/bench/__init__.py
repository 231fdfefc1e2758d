"""What a swarm costs and gains on this computer: ratios from one run, each beside its limit."""
