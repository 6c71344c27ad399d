"""The workflow that starts passes: where it lies in a repository, and what stands for an action yet unknown."""

WORKFLOW = ".github/workflows/planbot.yml"
UNKNOWN_ACTION = "OWNER/planbot@FULL_COMMIT_SHA"
