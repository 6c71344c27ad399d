"""The command line: one module a command; the only place that prints or exits."""
