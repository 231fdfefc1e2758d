"""Lines between computers, emulated on one: delay, rate and faults, without any right of the system."""
