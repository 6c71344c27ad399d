"""Keep committed Markdown plan files and GitHub issues in step."""

__version__ = "0.1.0"
