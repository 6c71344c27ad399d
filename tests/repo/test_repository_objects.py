from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repo.git_server import GitServer
from repo.git_world import World, run

from planbot.errors import GitError
from planbot.repo.objects import Person
from planbot.repo.repository import Repository

ODD_NAMES = (
    "two words.md",
    "-rf.md",
    'quote"d.md',
    "tab\there.md",
    "line\nbreak.md",
    "ünï/計画.md",
    "back\\slash.md",
    ":(glob)**.md",
    "not utf-8 \udcff.md",
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def contents(repository: Repository, commit: str) -> dict[str, bytes]:
    files = repository.files(commit)
    blobs = repository.read_blobs(file.blob for file in files)
    return {file.path: blobs[file.blob] for file in files}


def test_files_with_odd_names_are_read(world: World) -> None:
    head = world.commit({name: name.encode("utf-8", "surrogateescape") for name in ODD_NAMES})
    run(world.clone, "fetch", "--quiet")
    found = contents(world.repository(), head)
    assert {name: found[name] for name in ODD_NAMES} == {
        name: name.encode("utf-8", "surrogateescape") for name in ODD_NAMES
    }


def test_links_submodules_and_programs_can_be_told_by_their_mode(world: World) -> None:
    (world.alice / "link.md").symlink_to("PLAN.md")
    (world.alice / "run.sh").write_text("#!/bin/sh\n")
    (world.alice / "run.sh").chmod(0o755)
    run(world.alice, "update-index", "--add", "--cacheinfo", f"160000,{world.head},module")
    (world.alice / "module").mkdir()
    head = world.commit({})
    run(world.clone, "fetch", "--quiet")
    found = {file.path: (file.mode, file.is_regular) for file in world.repository().files(head)}
    assert found == {
        "PLAN.md": ("100644", True),
        "link.md": ("120000", False),
        "module": ("160000", False),
        "run.sh": ("100755", True),
    }


def test_the_whole_tree_is_listed_from_a_subfolder(world: World) -> None:
    head = world.commit({"docs/plan.md": b"x"})
    run(world.clone, "pull", "--quiet")
    repository = Repository.open(world.clone / "docs")
    assert repository.root == world.clone
    assert [file.path for file in repository.files(head)] == ["PLAN.md", "docs/plan.md"]


def test_reading_no_blob_asks_nothing(world: World) -> None:
    assert world.repository().read_blobs([]) == {}


def test_a_blob_that_is_not_there_is_told(world: World) -> None:
    with pytest.raises(GitError, match="no blob 1111"):
        world.repository().read_blobs(["1" * 40])


def test_a_tree_is_no_blob(world: World) -> None:
    tree = run(world.clone, "rev-parse", "HEAD^{tree}")
    with pytest.raises(GitError, match=r"no blob .*: tree"):
        world.repository().read_blobs([tree])


def test_sizes_are_told_without_reading(world: World) -> None:
    repository = world.repository()
    small, large = repository.write_blobs([b"", b"x" * 100_000])
    assert repository.sizes([small, large, "1" * 40]) == {small: 0, large: 100_000}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_every_content_comes_back_as_it_was_written(wanted: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), "init", "--quiet")
        repository = Repository.open(Path(folder))
        blobs = repository.write_blobs(wanted)
        assert len(blobs) == len(wanted)
        found = repository.read_blobs(blobs)
        assert [found[blob] for blob in blobs] == wanted


def test_filters_of_the_repository_are_not_applied(world: World) -> None:
    head = world.commit({".gitattributes": b"*.md text eol=crlf\n*.txt text\n"})
    run(world.clone, "pull", "--quiet")
    run(world.clone, "config", "core.autocrlf", "input")
    repository = world.repository()
    files = {"a.md": b"one\r\ntwo\nthree\r", "b.txt": b"\xef\xbb\xbfx\r\n"}
    commit = repository.write_commit(repository.write_tree(head, files), [head], "x")
    found = contents(repository, commit)
    assert {name: found[name] for name in files} == files


def test_a_tree_changes_where_it_is_told_to_and_nowhere_else(world: World) -> None:
    head = world.commit({"docs/a.md": b"a", "docs/b.md": b"b", "src/c.py": b"c"})
    run(world.clone, "fetch", "--quiet")
    repository = world.repository()
    changes = {"docs/a.md": b"A", "docs/b.md": None, "new/deep/d.md": b"d", "gone.md": None}
    tree = repository.write_tree(head, changes)
    assert contents(repository, tree) == {
        "PLAN.md": b"# Plan\n\n- [ ] one\n",
        "docs/a.md": b"A",
        "new/deep/d.md": b"d",
        "src/c.py": b"c",
    }


def test_no_change_is_the_same_tree(world: World) -> None:
    tree = world.repository().write_tree(world.head, {})
    assert tree == run(world.clone, "rev-parse", "HEAD^{tree}")


def test_a_program_stays_one(world: World) -> None:
    (world.alice / "run.sh").write_text("old")
    (world.alice / "run.sh").chmod(0o755)
    head = world.commit({})
    run(world.clone, "fetch", "--quiet")
    repository = world.repository()
    tree = repository.write_tree(head, {"run.sh": b"new", "other.sh": b"x"})
    assert {file.path: file.mode for file in repository.files(tree)} == {
        "PLAN.md": "100644",
        "other.sh": "100644",
        "run.sh": "100755",
    }


def test_a_link_is_not_written_through(world: World) -> None:
    (world.alice / "link.md").symlink_to("PLAN.md")
    head = world.commit({})
    run(world.clone, "fetch", "--quiet")
    with pytest.raises(GitError, match=r"link\.md is a symbolic link"):
        world.repository().write_tree(head, {"link.md": b"x"})


def test_files_with_odd_names_are_written(world: World) -> None:
    repository = world.repository()
    files = dict.fromkeys(ODD_NAMES, b"x")
    assert contents(repository, repository.write_tree(None, files)) == files


def test_writing_touches_neither_index_nor_work_tree_nor_refs(world: World) -> None:
    run(world.clone, "config", "core.splitIndex", "true")
    (world.clone / "PLAN.md").write_bytes(b"half an edit")
    (world.clone / "staged").write_bytes(b"x")
    run(world.clone, "add", "staged")
    kept = {path: path.read_bytes() for path in world.clone.rglob("*") if path.is_file()}
    repository = world.repository()
    tree = repository.write_tree(world.head, {"PLAN.md": b"ours"})
    repository.write_commit(tree, [world.head], "x")
    now = {path: path.read_bytes() for path in world.clone.rglob("*") if path.is_file()}
    objects = world.clone / ".git" / "objects"
    assert {path: data for path, data in now.items() if not path.is_relative_to(objects)} == {
        path: data for path, data in kept.items() if not path.is_relative_to(objects)
    }


def test_a_commit_needs_no_name_from_the_settings_and_is_never_signed(world: World) -> None:
    run(world.clone, "config", "commit.gpgSign", "true")
    run(world.clone, "config", "user.useConfigOnly", "true")
    run(world.clone, "config", "i18n.commitEncoding", "latin1")
    repository = world.repository()
    tree = repository.write_tree(None, {"x": b"1"})
    message = "Tick 1 box\n\n# kept \N{EN DASH} as it is\n"
    commit = repository.write_commit(tree, [world.head], message, when=1_700_000_000)
    text = run(world.clone, "cat-file", "commit", commit)
    assert text == (
        f"tree {tree}\nparent {world.head}\n"
        "author planbot <planbot@noreply.invalid> 1700000000 +0000\n"
        "committer planbot <planbot@noreply.invalid> 1700000000 +0000\n"
        "\nTick 1 box\n\n# kept \N{EN DASH} as it is"
    )


def test_an_author_may_be_another_than_the_committer(world: World) -> None:
    repository = world.repository()
    tree = repository.write_tree(None, {})
    commit = repository.write_commit(tree, [], "x", author=Person("Älice", "a@example.com"), when=0)
    assert run(world.clone, "log", "-1", "--format=%an <%ae> %at %cn %ct", commit) == (
        "Älice <a@example.com> 0 planbot 0"
    )


def test_the_same_commit_at_the_same_time_is_the_same(world: World) -> None:
    repository = world.repository()
    tree = repository.write_tree(None, {"x": b"1"})
    made = {repository.write_commit(tree, [world.head], "x", when=5) for _ in range(2)}
    assert len(made) == 1


def test_a_partial_clone_fetches_what_is_read_at_once(world: World) -> None:
    head = world.commit({f"plans/{number}.md": f"plan {number}".encode() for number in range(9)})
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        run(world.origin, "config", key, "true")
    with GitServer(world.folder) as server:
        run(
            world.folder,
            "clone",
            "--quiet",
            "--bare",
            "--filter=blob:none",
            f"{server.url}/origin.git",
            "part",
        )
        repository = Repository.open(world.folder / "part")
        files = repository.files(head)
        server.seen.clear()
        tree = repository.write_tree(head, {"plans/0.md": b"new"})
        assert len(repository.files(tree)) == len(files)
        assert server.seen == []
        found = repository.read_blobs(file.blob for file in files)
        assert len([path for path, _ in server.seen if "info/refs" in path]) == 1
        assert b"plan 8" in found.values()
