"""How far a plan is: what is done, what is blocked, what is next, and who has it."""
