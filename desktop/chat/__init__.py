"""Conversations: kept, shown and answered."""
