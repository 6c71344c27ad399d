"""GitHub's resources as JSON: what the sandbox keeps, written the way the API writes it."""
