"""What this computer gave: counted once, kept over crashes, and shown by hour, day and month."""
