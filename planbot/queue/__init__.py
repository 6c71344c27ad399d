"""Passes by many processes: what is wanted stands in PostgreSQL, and any number of workers see to it."""
