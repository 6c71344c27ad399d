"""The rules of the house: who may import whom, how long things may be, what has to be said of them."""

from __future__ import annotations

import ast
import graphlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "planbot"

# the highest first: a layer imports those below it; modules within one may import each other, but in no circle
LAYERS = (
    ("__main__",),
    ("cli",),
    ("queue",),
    ("service",),
    ("leaving",),
    ("engine", "guard", "doctor"),
    (
        "reading",
        "listing",
        "watching",
        "writing",
        "proposing",
        "tally",
        "outcome",
        "people",
        "upkeep",
        "outlook",
    ),
    ("loading",),
    ("report",),
    ("repo",),
    ("config", "config_json", "config_schema", "yaml_nodes"),
    ("sync",),
    ("plan",),
    ("tracker",),
    ("sandbox",),
    ("errors", "typed_json", "workflow"),
    ("",),  # planbot itself: its version
)
CLOCKS_AND_CHANCE = frozenset(("datetime", "random", "secrets", "time", "uuid"))
SIDE_EFFECTS = frozenset(("http", "os", "shutil", "socket", "subprocess", "tempfile", "threading", "urllib3"))
ONLY_IN = {
    "github": "tracker",
    "requests": "tracker",
    "apscheduler": "service",
    "cronsim": "service",
    "prometheus_client": "service",
    "pythonjsonlogger": "service",
    "waitress": "service",
    "procrastinate": "queue",
    "psycopg": "queue",
    "psycopg_pool": "queue",
    "click": "cli",
}

PROGRAMS = frozenset(("planbot.sandbox.branch_rules",))  # git runs it as a hook, by itself

MOST_LINES_OF_A_MODULE = 350
MOST_LINES_OF_A_FUNCTION = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Import:
    """Hold one import: the module it names, whether only type checkers see it, and where it stands."""

    target: str
    typing: bool
    place: str


@dataclass(frozen=True, slots=True)
class Module:
    """Hold one module of planbot."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """Return the part of the house that this module is in, `cli` for `planbot.cli.main`."""
        return part_of(self.name)


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


@cache
def modules() -> dict[str, Module]:
    """Return every module by its name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_bytes()))
    return found


@cache
def imports_of(name: str) -> tuple[Import, ...]:
    """Return what a module imports, wherever in it."""
    module = modules()[name]
    typing = {
        id(inner)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    return tuple(
        Import(target, id(node) in typing, place(module, node))
        for node in ast.walk(module.tree)
        for target in targets(node)
    )


def targets(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(source), names=names, level=0):
            # `from planbot.cli import main` names a module, `from planbot.cli.main import run` what is in one
            yield from {
                inner if (inner := f"{source}.{alias.name}") in modules() else source for alias in names
            }
        case ast.ImportFrom():
            yield "a relative import"


def place(module: Module, node: ast.stmt | ast.expr | ast.AST) -> str:
    return f"{module.path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def functions(module: Module) -> Iterator[Function]:
    yield from (node for node in ast.walk(module.tree) if isinstance(node, Function))


def height(name: str) -> int:
    """Return how high in the house a module is; 0 is the ground."""
    part = part_of(name)
    return next(len(LAYERS) - at for at, layer in enumerate(LAYERS) if part in layer)


def test_the_house_is_there() -> None:
    assert {module.part for module in modules().values()} <= {part for layer in LAYERS for part in layer}
    assert len(modules()) > 50


@pytest.mark.parametrize("name", modules())
def test_imports_point_down(name: str) -> None:
    upward = [
        f"{one.place} imports {one.target}"
        for one in imports_of(name)
        if one.target.startswith("planbot") and height(one.target) > height(name)
    ]
    assert upward == []


def test_there_is_no_relative_import() -> None:
    assert [one.place for name in modules() for one in imports_of(name) if " " in one.target] == []


def test_there_is_no_circle() -> None:
    graph = {
        name: {one.target for one in imports_of(name) if one.target in modules() and not one.typing}
        for name in modules()
    }
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


def test_the_sandbox_imports_nothing_of_the_rest() -> None:
    found = [
        f"{one.place} imports {one.target}"
        for name, module in modules().items()
        if module.part == "sandbox"
        for one in imports_of(name)
        if one.target.startswith("planbot") and part_of(one.target) != "sandbox"
    ]
    assert found == []


@pytest.mark.parametrize("part", ["plan", "sync"])
def test_the_core_does_no_io_and_knows_neither_time_nor_chance(part: str) -> None:
    forbidden = CLOCKS_AND_CHANCE | SIDE_EFFECTS | ONLY_IN.keys()
    inside = [module for module in modules().values() if module.part == part]
    found = [
        f"{one.place} imports {one.target}"
        for module in inside
        for one in imports_of(module.name)
        if one.target.split(".")[0] in forbidden
    ]
    opened = [
        place(module, node)
        for module in inside
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("open", "Path")
    ]
    assert found + opened == []


@pytest.mark.parametrize(("library", "part"), ONLY_IN.items())
def test_a_library_is_known_in_one_place_alone(library: str, part: str) -> None:
    users = {
        module.part
        for name, module in modules().items()
        for one in imports_of(name)
        if one.target.split(".")[0] == library
    }
    assert users == {part}


def is_loud(node: ast.AST) -> bool:
    """Say whether a node prints, exits or gets hold of what does."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Raise(exc=ast.Name(id=name)):
            return name in ("print", "input", "breakpoint", "exit", "quit", "SystemExit")
        case ast.Attribute(value=ast.Name(id="sys"), attr=name):
            return name in ("exit", "stdout", "stderr")
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name in ("_exit", "abort")
    return False


def test_only_commands_print_or_exit() -> None:
    found = [
        place(module, node)
        for module in modules().values()
        if module.part not in ("cli", "__main__") and module.name not in PROGRAMS
        for node in ast.walk(module.tree)
        if is_loud(node)
    ]
    assert found == []


def test_no_module_is_long() -> None:
    lines = {name: module.path.read_bytes().count(b"\n") for name, module in modules().items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_MODULE} == {}


def test_no_function_is_long() -> None:
    found = [
        f"{place(module, node)} {node.name}: {length} lines"
        for module in modules().values()
        for node in functions(module)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]
    assert found == []


def public(module: Module) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """Yield the module and every public class, function and method of it."""
    yield module.tree
    for node in module.tree.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from (
                inner for inner in node.body if isinstance(inner, Function) and not inner.name.startswith("_")
            )


def test_everything_public_says_what_it_does() -> None:
    silent = [
        f"{place(module, node)} {getattr(node, 'name', module.name)}"
        for module in modules().values()
        for node in public(module)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_a_docstring_begins_with_one_whole_sentence() -> None:
    unfinished = [
        f"{place(module, node)} {first!r}"
        for module in modules().values()
        for node in public(module)
        for first in (ast.get_docstring(node) or "").split("\n\n")[:1]
        if not first.endswith((".", "?", ":"))
    ]
    assert unfinished == []


def test_everything_is_annotated() -> None:
    def bare(function: Function) -> bool:
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        open_ones = [one for one in named if one.annotation is None and one.arg not in ("self", "cls")]
        return function.returns is None or bool(open_ones)

    found = [
        f"{place(module, node)} {node.name}"
        for module in modules().values()
        for node in functions(module)
        if bare(node)
    ]
    assert found == []
