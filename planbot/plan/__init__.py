"""Plan files: Markdown bytes to a `Plan` whose every part knows its place, and edits as splices."""
