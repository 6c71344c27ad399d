from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planbot.config import (
    DEFAULT_FILES,
    EXCLUDED_FOLDERS,
    SCHEMA,
    PlanRule,
    Settings,
    WriteBackOptions,
    load_settings,
    with_front_matter,
)
from planbot.config_schema import ListOf, Section
from planbot.errors import SettingsError
from planbot.plan.options import ReadOptions, Words
from planbot.sync.options import FileOptions, IssueOptions, LabelOptions, LimitOptions, TitleOptions
from planbot.yaml_nodes import MappingNode, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planbot.config_schema import Kind
    from planbot.yaml_nodes import Node

EXAMPLE = Path(__file__).parents[1] / "config" / "planbot.yml"


def load(text: str) -> Settings:
    return load_settings("planbot.yml", text.encode())


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(text)
    return caught.value.mistakes


def uncommented() -> bytes:
    """Return the example with every setting in force: prose has two `#` in front of it, editors one and a space."""
    return re.sub(rb"(?m)^#(?!#| yaml-language-server: )", b"", EXAMPLE.read_bytes())


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}", "issues:\nplans:\n"])
def test_no_settings_are_the_defaults(text: str) -> None:
    assert load(text) == Settings()


def test_everything_can_be_set() -> None:
    settings = load(
        """
        plans:
          - docs/*.md
          - files: [a.md, b.md]
            exclude: b*.md
            dialect: kiro
            issues: {task: all}
            titles: {task: "T{number}: {title}"}
            labels: {extra: [docs]}
            milestones: no
        branch: trunk
        issues: {plan: no, phase: no, task: none, finished: import}
        titles: {plan: "P {title}", phase: "{plan} {number}", task: "{title}", milestone: "M{number}"}
        labels: {priority: "P-{value}", impact: null, extra: [planned, two words]}
        milestones: off
        words: {phase: [Etapa, Fase], task: Tarea, verification: [Prüfung]}
        write_back: {mode: commit, skip_ci: on}
        limits: {closes: 0, unticks: 1, share: 100, creates: 5}
        forks: yes
        allow_public: true
        """
    )
    words = Words(("Etapa", "Fase"), ("Tarea",), ("Prüfung",))
    issues = IssueOptions(plan=False, phase=False, task="none", finished="import")
    titles = TitleOptions("P {title}", "{plan} {number}", "{title}", "M{number}")
    labels = LabelOptions("P-{value}", None, ("planned", "two words"))
    first = FileOptions(issues, titles, labels, milestones=False, read=ReadOptions(words=words))
    second = FileOptions(
        dataclasses.replace(issues, task="all"),
        dataclasses.replace(titles, task="T{number}: {title}"),
        dataclasses.replace(labels, extra=("docs",)),
        milestones=False,
        read=ReadOptions("kiro", words),
    )
    assert settings == Settings(
        plans=(
            PlanRule(("docs/*.md",), (), first),
            PlanRule(("a.md", "b.md"), ("b*.md",), second),
        ),
        branch="trunk",
        issues=issues,
        titles=titles,
        labels=labels,
        milestones=False,
        words=words,
        write_back=WriteBackOptions("commit", skip_ci=True),
        limits=LimitOptions(0, 1, 100, 5),
        forks=True,
        allow_public=True,
    )


def test_what_is_not_set_keeps_its_default() -> None:
    assert load("issues: {task: all}\n") == dataclasses.replace(
        Settings(),
        issues=IssueOptions(task="all"),
        plans=(PlanRule(options=FileOptions(issues=IssueOptions(task="all"))),),
    )


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("branch: 1.10", "branch", "1.10"),
        ("branch: 2026-12-01", "branch", "2026-12-01"),
        ("branch: on", "branch", "on"),
        ("branch: 010", "branch", "010"),
        ("branch: null", "branch", None),
        ("forks: Yes", "forks", True),
        ("forks: off", "forks", False),
        ("write_back: {mode: off}", "write_back", WriteBackOptions("off")),
        ("write_back: {mode: 'off'}", "write_back", WriteBackOptions("off")),
        ("write_back: {mode: no}", "write_back", WriteBackOptions("off")),
        ("limits: {closes: 010}", "limits", LimitOptions(closes=10)),
        ("labels: {priority: off}", "labels", LabelOptions(priority=None)),
        ("labels: {extra: [1.0, on]}", "labels", LabelOptions(extra=("1.0", "on"))),
    ],
)
def test_yaml_takes_nothing_for_more_than_it_is(text: str, name: str, value: object) -> None:
    assert getattr(load(text), name) == value


def test_all_mistakes_are_told_at_once_in_order_of_their_lines() -> None:
    found = mistakes("mode: off\nissues:\n  plans: true\n  task: al\nlimits: {share: 101}\nbranch: [x]\n")
    assert found == (
        f"planbot.yml:1:1: unknown key `mode` — known here: {', '.join(key.name for key in SCHEMA.keys)}",
        "planbot.yml:3:3: unknown key `plans` in `issues` — did you mean `plan`?",
        "planbot.yml:4:9: `issues.task` must be one of `headings`, `all`, `none`, not `al` — did you mean `all`?",
        "planbot.yml:5:17: `limits.share` must be a whole number from 0 to 100, not `101`",
        "planbot.yml:6:9: `branch` must be a text, not a list",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("issues: {task: null}", "`none`, not nothing"),
        ("- a", "the file must be a mapping"),
        ("brach: x", "did you mean `branch`?"),
        ("branch: ' '", "`branch` must be a text, not an empty text"),
        ("branch: |\n  a\n  b", "a text of one line"),
        ("forks: maybe", "`forks` must be true or false, not `maybe`"),
        ("forks: 'true'", "write it without quotes"),
        ("forks: 1", "must be true or false"),
        ("forks:", "must be true or false, not nothing"),
        ("issues: all", "`issues` must be a mapping, not `all`"),
        ("issues: {task: yes}", "`issues.task` must be one of `headings`, `all`, `none`, not `yes`"),
        ("write_back: {mode: on}", "must be one of `auto`, `commit`, `pull-request`, `off`, not `on`"),
        ("limits: {closes: -1}", "a whole number from 0"),
        ("limits: {closes: 1.5}", "a whole number from 0"),
        ("limits: {closes: 1_0}", "a whole number from 0"),
        ("limits: {closes: 12:30}", "a whole number from 0"),
        ("limits: {closes: '3'}", "write it without quotes"),
        ("limits: {closes: three}", "not `three`"),
        ("titles: {plan: ''}", "`titles.plan` must be a text"),
        ("titles: {plan: null}", "`titles.plan` must be a text, not nothing"),
        (
            "titles: {task: '{name}'}",
            "no other placeholder than `{title}`, `{number}`, `{plan}`, not `{name}`",
        ),
        ("titles: {plan: '{number}'}", "no other placeholder than `{title}`, `{plan}`"),
        ("titles: {task: '{title.__class__}'}", "no other placeholder"),
        ("titles: {task: '{title!r}'}", "no other placeholder"),
        ("titles: {task: '{title:>99999999}'}", "no other placeholder"),
        ("titles: {task: '{}'}", "no other placeholder"),
        ("titles: {task: 'a {'}", "write {{ for a brace itself"),
        ("labels: {priority: '{title}'}", "no other placeholder than `{value}`"),
        ("labels: {extra: [a, [b]]}", "`labels.extra[2]` must be a text, not a list"),
        (f"labels: {{extra: {'x' * 51}}}", "at most 50 characters long"),
        ("words: {fase: [x]}", "unknown key `fase` in `words` — did you mean `phase`?"),
        ("plans: ['!a.md']", "list what to leave out under `exclude`"),
        ("plans: [/a.md]", "relative to the repository's root"),
        ("plans: [./a.md]", "relative to the repository's root"),
        ("plans: ['{1..9999}.md']", "fewer alternatives in braces"),
        ("plans: ['']", "`plans[1].files[1]` must be a text, not an empty text"),
        ("plans: [{file: a.md}]", "unknown key `file` in `plans[1]` — did you mean `files`?"),
        ("plans: [{files: [a.md, 3: 4]}]", "`plans[1].files[2]` must be a text, not a mapping"),
        ("plans: [a.md, {files: b.md, dialect: kira}]", "did you mean `kiro`?"),
        (f"branch: {'x' * 90}\nforks: {'y' * 90}", f"not `{'y' * 59}…`"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(text: str, told: str) -> None:
    assert any(told in mistake for mistake in mistakes(text)), mistakes(text)


def test_a_mistake_is_told_with_the_line_of_its_own_value() -> None:
    found = mistakes("plans:\n  - files: x.md\n    labels:\n      extra:\n        - ok\n        -\n")
    assert found == ("planbot.yml:6:10: `plans[1].labels.extra[2]` must be a text, not nothing",)


@given(st.binary(max_size=300))
def test_any_file_gives_settings_or_mistakes(data: bytes) -> None:
    try:
        load_settings("planbot.yml", data)
    except SettingsError as error:
        told = error.mistakes
    else:
        told = ()
    assert all(re.match(r"planbot\.yml:[1-9]\d*:[1-9]\d*: \S", mistake) for mistake in told)


KEYS = st.sampled_from(
    ["plans", "files", "issues", "task", "labels", "extra", "priority", "limits", "share", "x"]
)
VALUES = st.recursive(
    st.sampled_from(["~", "on", "off", "3", "'{title}'", "a/*.md", "all", "kiro"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"
        )
    ),
)


@given(VALUES)
def test_any_shape_gives_settings_or_mistakes(text: str) -> None:
    try:
        settings = load(text)
    except SettingsError:
        settings = Settings()
    hash(settings)  # frozen to the bottom: nothing in it is a list or a dict


# Which files are plan files


@pytest.mark.parametrize(
    "path",
    [
        "PLAN.md",
        "plan.md",
        "docs/MY_PLAN.MD",
        "a/b/release-plan.md",
        ".hidden/ROADMAP.md",
        "roadmap.md",
        "docs/plans/x.md",
        "docs/plans/deep/er/x.md",
        "Docs/Plans/x.md",
        "docs/superpowers/plans/2026-01-01-x.md",
        "thoughts/shared/plans/x.md",
        "thoughts/plans/x.md",
        "specs/001-x/tasks.md",
        "openspec/changes/add-x/tasks.md",
        ".kiro/specs/x/tasks.md",
        "backlog/tasks/task-1 - Do it.md",
        "docs/plans/odd\nname.md",
    ],
)
def test_usual_plan_files_are_found(path: str) -> None:
    assert Settings().select([path]) == {path: FileOptions()}


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "PLAN.txt",
        "PLAN.md/notes.txt",
        "docs/plans.md",
        "specs/tasks.md",
        "specs/a/b/tasks.md",
        "backlog/tasks/sub/x.md",
        "x/docs/plans/x.md",
        "PLAN.md\n",
        *(f"{folder}/PLAN.md" for folder in sorted(EXCLUDED_FOLDERS)),
        "docs/plans/Archive/x.md",
        "a/node_modules/b/c/PLAN.md",
        "openspec/changes/archive/tasks.md",
    ],
)
def test_other_files_are_not(path: str) -> None:
    assert Settings().select([path]) == {}


def test_a_file_that_is_named_is_taken_wherever_it_is() -> None:
    settings = load("plans: [vendor/PLAN.md, '**/*.md']")
    assert list(settings.select(["vendor/plan.md", "vendor/other.md", "a.md"])) == ["vendor/plan.md", "a.md"]
    assert settings.names_exactly("Vendor/PLAN.md")
    assert not settings.names_exactly("a.md")


def test_what_a_rule_excludes_it_excludes_even_if_named() -> None:
    assert load("plans: [{files: [a.md, b.md], exclude: b.md}]").select(["a.md", "b.md"]).keys() == {"a.md"}


def test_the_first_rule_that_takes_a_file_wins() -> None:
    settings = load(
        "plans:\n"
        "  - {files: 'docs/*.md', exclude: docs/x.md, dialect: kiro}\n"
        "  - {files: '**/*.md', dialect: backlog}\n"
    )
    dialects = {
        path: options.read.dialect for path, options in settings.select(["docs/a.md", "docs/x.md"]).items()
    }
    assert dialects == {"docs/a.md": "kiro", "docs/x.md": "backlog"}


def test_an_empty_list_takes_nothing() -> None:
    assert load("plans: []").select(["PLAN.md"]) == {}


def test_files_keep_the_order_they_come_in() -> None:
    assert list(Settings().select(["b-plan.md", "x", "a-plan.md"])) == ["b-plan.md", "a-plan.md"]


# Front matter


def own(text: str) -> yaml.Node:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None
    return node


def test_front_matter_without_overrides_changes_nothing() -> None:
    assert with_front_matter(FileOptions(), own("{}")) == (FileOptions(), [])


def test_front_matter_overrides_what_it_names_alone() -> None:
    base = FileOptions(labels=LabelOptions(extra=("a",)), read=ReadOptions(words=Words(("Fase",))))
    value = own("{dialect: backlog, labels: {impact: null}, milestones: false}")
    assert with_front_matter(base, value) == (
        FileOptions(
            labels=LabelOptions(impact=None, extra=("a",)),
            milestones=False,
            read=ReadOptions("backlog", Words(("Fase",))),
        ),
        [],
    )


def test_every_mistake_of_front_matter_is_told_with_its_place() -> None:
    _, told = with_front_matter(FileOptions(), own("issues: {task: al}\nmilestones: false\nbranch: x\n"))
    assert [(one.line, one.column, str(one)) for one in told] == [
        (
            1,
            16,
            "`planbot.issues.task` must be one of `headings`, `all`, `none`, not `al` — did you mean `all`?",
        ),
        (
            3,
            1,
            "unknown key `branch` in `planbot` — known here: dialect, issues, titles, labels, milestones",
        ),
    ]


def test_endless_front_matter_is_a_mistake() -> None:
    options, (told,) = with_front_matter(FileOptions(), own("&a\nissues: *a\n"))
    assert options == FileOptions()
    assert told.text == "values are nested too deeply, or aliases repeat too many of them"


# The description and the example


def sections(kind: Kind, value: object, name: str = "") -> Iterator[tuple[str, Section, object]]:
    """Yield every section of the description with the value that holds its defaults."""
    if isinstance(kind, ListOf):
        kind, value = kind.item, value[0] if isinstance(value, tuple) and value else value
    if isinstance(kind, Section):
        yield name, kind, value
        options = value.options if isinstance(value, PlanRule) else value
        for key in kind.keys:
            yield from sections(
                key.kind, getattr(options, key.name, None), f"{name}.{key.name}".removeprefix(".")
            )


def names_in(node: Node, name: str = "") -> Iterator[str]:
    items = node.entries if isinstance(node, MappingNode) else ()
    for key, value in items:
        yield f"{name}.{key.text}".removeprefix(".")
        yield from names_in(value, f"{name}.{key.text}".removeprefix("."))
    for item in getattr(node, "items", ()):
        yield from names_in(item, name)


def test_the_description_and_the_options_have_the_same_names() -> None:
    found = {name: (section, value) for name, section, value in sections(SCHEMA, Settings())}
    rule, _ = found.pop("plans")
    for name, (section, value) in found.items():
        assert dataclasses.is_dataclass(value), name
        assert [key.name for key in section.keys] == [field.name for field in dataclasses.fields(value)], name
    assert [key.name for key in rule.keys][:2] == ["files", "exclude"]


def test_every_setting_says_what_it_is_for() -> None:
    docs = [key.doc for _, section, _ in sections(SCHEMA, Settings()) for key in section.keys]
    assert all(re.fullmatch(r"[A-Z].*\.", doc) for doc in docs)


def test_the_example_is_the_defaults_as_it_stands_and_with_every_setting_in_force() -> None:
    assert load_settings("planbot.yml", EXAMPLE.read_bytes()) == Settings()
    assert load_settings("planbot.yml", uncommented()) == Settings()


def test_the_example_holds_every_setting() -> None:
    told: list[Any] = []
    node = read_yaml(uncommented(), told)
    assert node is not None
    written = set(names_in(node))
    for name, section, _ in sections(SCHEMA, Settings()):
        if name.startswith("plans."):
            continue  # the sections of a rule are those of the file, and stand there
        for key in section.keys:
            assert f"{name}.{key.name}".removeprefix(".") in written


def test_the_example_lists_the_usual_plan_files() -> None:
    text = uncommented().decode()
    assert all(f'"{pattern}"' in text for pattern in DEFAULT_FILES)
