"""planbot as a process that stays: passes on a schedule."""
