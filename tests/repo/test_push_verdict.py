from __future__ import annotations

import pytest

from planbot.repo.git import Output
from planbot.repo.push import PushResult, RefUpdate, read_push, settle

MAIN = RefUpdate("refs/heads/main", "1" * 40, "2" * 40)
JOURNAL = RefUpdate("refs/planbot/journal", None, "3" * 40)
BOTH = (MAIN, JOURNAL)


def verdict(main: str, journal: str, stderr: str = "", code: int = 1) -> PushResult:
    lines = f"{main[0]}\t{MAIN.new}:{MAIN.ref}\t{main[2:]}\n{journal[0]}\t{JOURNAL.new}:{JOURNAL.ref}\t{journal[2:]}\n"
    output = f"To https://github.com/o/r.git\n{lines}Done\n"
    return read_push(BOTH, Output(code, output.encode(), stderr))


def test_a_push_is_done_when_git_is_content_and_every_ref_moved() -> None:
    assert verdict("  1111111..2222222", "* [new reference]", code=0) == PushResult("done")


def test_done_in_the_output_does_not_count() -> None:
    assert verdict("! [rejected] (stale info)", "! [rejected] (atomic push failed)").kind == "raced"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("[rejected] (fetch first)", "raced"),
        ("[rejected] (non-fast-forward)", "raced"),
        ("[rejected] (stale info)", "raced"),
        ("[rejected] (remote ref updated since checkout)", "raced"),
        ("[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)", "raced"),
        ("[remote rejected] (cannot lock ref 'refs/heads/main': reference already exists)", "raced"),
        ("[remote rejected] (incorrect old value provided)", "raced"),
        ("[remote rejected] (protected branch hook declined)", "refused"),
        ("[remote rejected] (pre-receive hook declined)", "refused"),
        ("[remote rejected] (push declined due to repository rule violations)", "refused"),
        ("[remote rejected] (branch is currently checked out)", "refused"),
        (
            "[remote rejected] (refusing to allow a GitHub App to update workflow `x.yml` without `workflows`)",
            "denied",
        ),
        ("[remote rejected] (permission denied)", "denied"),
        ("[remote rejected] (Internal Server Error)", "unknown"),
        ("[remote rejected] (unpacker error)", "unknown"),
        ("[remote failure] (remote failed to report status)", "unknown"),
    ],
)
def test_the_reason_of_a_ref_decides(reason: str, kind: str) -> None:
    result = verdict(f"! {reason}", "! [remote rejected] (atomic transaction failed)")
    assert (result.kind, result.at_fault) == (kind, (MAIN.ref,))


def test_the_other_ref_may_be_at_fault() -> None:
    result = verdict("! [rejected] (atomic push failed)", "! [rejected] (stale info)")
    assert (result.kind, result.at_fault) == ("raced", (JOURNAL.ref,))


def test_a_race_counts_for_more_than_a_rule() -> None:
    result = verdict("! [remote rejected] (protected branch hook declined)", "! [rejected] (stale info)")
    assert (result.kind, result.at_fault) == ("raced", (JOURNAL.ref,))


def test_where_no_ref_tells_the_remote_does() -> None:
    failed = "! [remote rejected] (atomic transaction failed)"
    said = "remote: error: cannot lock ref 'refs/heads/main': is at 1 but expected 2\n"
    assert verdict(failed, failed, said).kind == "raced"
    assert verdict(failed, failed).kind == "unknown"


def test_the_words_of_the_remote_are_kept_without_those_of_git() -> None:
    stderr = (
        "remote: error: GH006: Protected branch update failed for refs/heads/main.        \n"
        "remote: \n"
        "remote: - Changes must be made through a pull request.        \n"
        "error: failed to push some refs to 'https://github.com/o/r.git'\n"
    )
    result = verdict(
        "! [remote rejected] (protected branch hook declined)", "! [rejected] (atomic push failed)", stderr
    )
    assert result.words == (
        "error: GH006: Protected branch update failed for refs/heads/main.\n"
        "- Changes must be made through a pull request."
    )


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("remote: Permission to o/r.git denied to github-actions[bot].\nfatal: unable to access", "denied"),
        (
            "fatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: 403",
            "denied",
        ),
        ("remote: Write access to repository not granted.", "denied"),
        ("remote: This repository was archived so it is read-only.", "denied"),
        (
            "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "denied",
        ),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "denied"),
        ("remote: error: GH013: Repository rule violations found", "refused"),
        ("fatal: the remote end hung up unexpectedly", "unknown"),
        (
            "fatal: unable to access 'https://github.com/o/r.git/': Could not resolve host: github.com",
            "unknown",
        ),
        ("", "unknown"),
    ],
)
def test_a_push_that_failed_before_any_ref_is_judged_by_what_was_said(stderr: str, kind: str) -> None:
    assert read_push(BOTH, Output(128, b"", stderr)).kind == kind


def test_up_to_date_means_that_somebody_made_the_same_commit() -> None:
    result = verdict("= [up to date]", "* [new reference]", code=0)
    assert (result.kind, result.at_fault) == ("raced", (MAIN.ref,))


def test_a_ref_of_which_nothing_is_said_is_not_done() -> None:
    assert read_push(BOTH, Output(0, b"To x\nDone\n", "")).kind == "unknown"


UNKNOWN = PushResult("unknown", (), "the remote end hung up")


def test_an_unknown_push_is_done_when_every_ref_is_where_it_should_be() -> None:
    assert settle(BOTH, UNKNOWN, {MAIN.ref: "2" * 40, JOURNAL.ref: "3" * 40}).kind == "done"


def test_an_unknown_push_is_a_race_when_a_ref_went_elsewhere() -> None:
    result = settle(BOTH, UNKNOWN, {MAIN.ref: "1" * 40, JOURNAL.ref: "4" * 40})
    assert (result.kind, result.at_fault) == ("raced", (JOURNAL.ref,))


def test_an_unknown_push_stays_unknown_while_nothing_moved() -> None:
    assert settle(BOTH, UNKNOWN, {MAIN.ref: "1" * 40}) == UNKNOWN


def test_a_deletion_of_unknown_outcome_is_done_when_the_ref_is_gone() -> None:
    assert settle([RefUpdate("refs/x", "1" * 40, None)], UNKNOWN, {}).kind == "done"
