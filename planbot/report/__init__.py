"""One result value, rendered for people, for programs and for workflows."""
