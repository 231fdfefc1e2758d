"""What is said and asked once, before anything else."""
