"""The repository: real git through its own program, the journal, and commits that write ticks back."""
