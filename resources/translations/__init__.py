"""Texts in other languages, made by packaging/translations.py from .ts sources that people edit."""
