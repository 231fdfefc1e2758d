"""What this computer gave."""
