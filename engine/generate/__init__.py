"""One reply: chat template, shell model, generate(), text."""
