"""What this computer knows of other computers: link times, speeds, failures, lies. No torch, no network."""
