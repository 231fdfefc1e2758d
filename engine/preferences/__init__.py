"""What the owner has set: one declaration per setting drives the file, the command line and the page."""
