"""The Home page: what this computer gives."""
