"""What this computer gives: what it knows, what it decides, and a post for each device that serves."""
