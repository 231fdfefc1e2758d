"""How it is on this computer: a file for each system, and what all systems tell alike."""
