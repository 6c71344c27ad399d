"""Look at everything that a pass needs, and say what works, what does not, and what to do."""
