"""The Settings page: everything that the owner may decide, each with what it means and when it holds."""
