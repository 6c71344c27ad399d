"""Branch rules: what they forbid in a push, in GitHub's words.

Also the `update` hook by which git asks, once for each ref of a push: `python branch_rules.py REF OLD NEW`. Its
rules come in the environment; what it refused it appends to a file, for the answer to carry GitHub's reason.

https://docs.github.com/repositories/configuring-branches-and-merges-in-your-repository
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import quote

ENVIRONMENT = "SANDBOX_BRANCH_RULES"
REASONS = {
    "ruleset": "push declined due to repository rule violations",
    "protection": "protected branch hook declined",
}
_ZERO = "0" * 40
_HEADS = "refs/heads/"
_HOOK = '#!/bin/sh\nexec "{python}" -P "{module}" "$@"\n'


def write_hook(folder: Path) -> None:
    """Write an `update` hook that runs this module."""
    hook = folder / "update"
    hook.write_text(_HOOK.format(python=sys.executable, module=__file__))
    hook.chmod(0o700)


def environment(rules: list[dict[str, Any]], page: str, refusals: Path) -> dict[str, str]:
    """Return the environment that the hook reads: rules as plain values, the repository's page, a file."""
    return {ENVIRONMENT: json.dumps({"rules": rules, "page": page, "refusals": str(refusals)})}


def matching(rules: list[dict[str, Any]], ref: str) -> list[dict[str, Any]]:
    """Return the rules for a ref; only branches have any."""
    branch = ref.removeprefix(_HEADS)
    return [rule for rule in rules if ref.startswith(_HEADS) and fnmatchcase(branch, rule["pattern"])]


def violations(rule: dict[str, Any], old: str, new: str) -> list[str]:
    """Return what a push does that a rule forbids; reads the git directory of the environment."""
    if new == _ZERO:
        return [] if rule["deletions"] else ["Cannot delete this branch"]
    found = []
    if old != _ZERO and not rule["force_pushes"] and _git("merge-base", "--is-ancestor", old, new) is None:
        found.append("Cannot force-push to this branch")
    if rule["pull_request"]:
        found.append("Changes must be made through a pull request.")
    if rule["checks"]:
        found.append(_expected(rule["checks"]))
    if rule["signatures"]:
        unsigned = [sha for sha in _new_commits(old, new) if not _is_signed(sha)]
        if unsigned:
            count = f"{len(unsigned)} violation{'s' if len(unsigned) > 1 else ''}"
            shas = "\n".join(f"  {sha}" for sha in unsigned)
            found.append(f"Commits must have verified signatures.\n  Found {count}:\n\n{shas}")
    return found


def _expected(checks: list[str]) -> str:
    """Say which checks a commit lacks; the sandbox runs none, so that it lacks them all."""
    if len(checks) == 1:
        return f'Required status check "{checks[0]}" is expected.'
    return f"{len(checks)} of {len(checks)} required status checks are expected."


def refusal(kind: str, ref: str, found: list[str], page: str) -> str:
    """Write what git prints to the person who pushed."""
    points = "".join(f"\n- {text}\n" for text in found)
    if kind == "protection":
        return f"error: GH006: Protected branch update failed for {ref}.\n{points}"
    address = f"{page}/rules?ref={quote(ref, safe='')}"
    return (
        f"error: GH013: Repository rule violations found for {ref}.\n"
        f"Review all repository rules at {address}\n{points}\n"
    )


def main(ref: str, old: str, new: str) -> int:
    """Judge one ref of a push, as git's `update` hook: 0 lets it pass, 1 refuses it."""
    setting = json.loads(os.environ[ENVIRONMENT])
    for kind, reason in REASONS.items():
        rules = [rule for rule in matching(setting["rules"], ref) if rule["enforced_by"] == kind]
        found = [text for rule in rules for text in violations(rule, old, new)]
        if found:
            sys.stderr.write(refusal(kind, ref, list(dict.fromkeys(found)), setting["page"]))
            with Path(setting["refusals"]).open("a") as refusals:
                refusals.write(f"{ref}\t{reason}\n")
            return 1
    return 0


def _new_commits(old: str, new: str) -> list[str]:
    known = [f"^{old}"] if old != _ZERO else ["--not", "--branches"]
    return (_git("rev-list", new, *known) or "").split()


def _is_signed(sha: str) -> bool:
    head, _, _ = (_git("cat-file", "commit", sha) or "").partition("\n\n")
    return "\ngpgsig" in head


def _git(*arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
