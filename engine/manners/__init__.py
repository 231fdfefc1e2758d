"""When Potluck runs on its owner's computer, and how much of it it takes."""
