"""What is known of a crash, shown to the user and kept or passed on by nobody else."""
