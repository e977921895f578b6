"""Mutation testing: change a module in one place at a time and count the changes that its tests notice.

    python tests/mutants.py core/evaluation/metrics.py tests/core/evaluation/test_metrics.py

prints every mutant that survived its tests, and how many were killed. `core/data/cuhk03.py::classic_split,_official`
changes those two functions alone. What follows goes to pytest, so `-k NAME` narrows the tests.

The operators are those of Cosmic Ray (`pip install cosmic-ray`), which is no dependency of the tests, and two more: a
statement or a keyword argument is removed. Of the replacements of an operator only the nearest are made; the others are
killed by the same tests. Annotations and strings stay as they are.

Each mutant runs in a fork of one process that has imported the libraries, without a file being written; Linux only.
Tests that start a process of their own see the original module there.
"""

import ast
import contextlib
import difflib
import gc
import importlib
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Keyword

ROOT = Path(__file__).parents[1]
MEMORY_BYTES = 16 << 30  # of address space; a mutant that asks for more fails
BINARY = (
    "Add_Sub",
    "Sub_Add",
    "Mul_Div",
    "Div_Mul",
    "FloorDiv_Div",
    "Mod_Mul",
    "Pow_Mul",
    "BitOr_BitAnd",
    "BitAnd_BitOr",
    "LShift_RShift",
    "RShift_LShift",
)
COMPARISONS = (
    "Eq_NotEq",
    "NotEq_Eq",
    "Lt_LtE",
    "Lt_GtE",
    "LtE_Lt",
    "LtE_Gt",
    "Gt_GtE",
    "Gt_LtE",
    "GtE_Gt",
    "GtE_Lt",
    "Is_IsNot",
    "IsNot_Is",
)
UNARY = ("Delete_USub", "Delete_Invert", "Delete_Not")
CHOSEN = {
    "ReplaceBinaryOperator": BINARY,
    "ReplaceComparisonOperator": COMPARISONS,
    "ReplaceUnaryOperator": UNARY,
    "VariableReplacer": (),
    "VariableInserter": (),
}


class RemoveStatement:
    """A statement -> `pass`, if it is neither an import nor a docstring."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and node.children[0].type not in ("import_name", "import_from", "string"):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.children[0] = Keyword("pass", node.start_pos, node.get_first_leaf().prefix)
        return node


class RemoveKeywordArgument:
    """`f(x, key=value)` -> `f(x)`, one of the keywords at a time."""

    @staticmethod
    def _named(node):
        return [
            place for place, child in enumerate(node.children) if child.type == "argument" and child.children[1] == "="
        ]

    def mutation_positions(self, node):
        if node.type in ("arglist", "trailer"):
            yield from ((node.start_pos, node.end_pos) for _ in self._named(node))

    def mutate(self, node, index):
        place = self._named(node)[index]
        comma = 1 if node.type == "arglist" else 0  # the one before it, or the one after the first
        del node.children[max(0, place - comma) : max(0, place - comma) + 1 + comma]
        return node


def operators() -> Iterator:
    yield RemoveStatement()
    yield RemoveKeywordArgument()
    provider = OperatorProvider()
    for name in provider:
        kind, _, pair = name.partition("_")
        if pair in CHOSEN.get(kind, (pair,)):
            yield provider[name]()


def behaviour(source: str) -> str:
    """The code without annotations, so that mutants which change nothing, or the same as another, can be told."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.arg, ast.AnnAssign)):
            for name in ("annotation", "returns"):
                if hasattr(node, name):
                    setattr(node, name, None)
    return ast.dump(tree)


def mutants(source: str) -> list[str]:
    """Source -> every mutant of it that is valid Python, in the order of the lines."""
    found, seen, nodes = [], {behaviour(source)}, list(ast_nodes(get_ast(source)))
    for operator in operators():
        for occurrence in range(sum(len(list(operator.mutation_positions(node))) for node in nodes)):
            mutant = mutate_code(source, operator, occurrence)
            try:
                code = behaviour(mutant)
            except SyntaxError:
                continue
            if code not in seen:
                seen.add(code)
                found.append(mutant)
    return sorted(found, key=lambda mutant: changed_line(source, mutant))


def changed_line(source: str, mutant: str) -> int:
    """The number, from 1, of the first line that differs."""
    return 1 + os.path.commonprefix([source, mutant]).count("\n")


def lines_of(source: str, names: str) -> set[int]:
    """The numbers of the lines of the functions and classes of these names, separated by commas; of all without any."""
    if not names:
        return set(range(1, source.count("\n") + 2))
    found = [node for node in ast.walk(ast.parse(source)) if getattr(node, "name", None) in names.split(",")]
    return {line for node in found for line in range(node.lineno, node.end_lineno + 1)}


class Importer(PathFinder):
    """Imports one module from a source of its own, and leaves the others to Python."""

    def __init__(self, name: str, source: str):
        self.name, self.source = name, source

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path, target)
        spec.loader = Loader(self.source, name, spec.origin)
        return spec


class Loader(SourceFileLoader):
    def __init__(self, source: str, name: str, path: str):
        super().__init__(name, path)
        self.source = source

    def get_code(self, name):
        return compile(self.source, self.path, "exec")


def passes(name: str, source: str, tests: list[str], limit_s: int, imported: Path = Path(os.devnull)) -> bool:
    """Whether the tests pass in a fork that imports module `name` from this source; not if they take too long.

    The names of all modules that it has imported by then are written to the file `imported`.
    """
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    signal.alarm(limit_s)  # nothing catches it: the fork ends
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, Importer(name, source))
    with TemporaryDirectory() as folder:
        quick = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", f"--basetemp={folder}/tests")
        code = pytest.main([*quick, *tests])
    imported.write_text("\n".join(sys.modules))
    os._exit(int(code))


def import_libraries(names: list[str]):
    """Import what is not in this repository, so that no fork has to."""
    for name in names:
        if not (ROOT / name.partition(".")[0]).exists():
            with contextlib.suppress(Exception):  # modules of the tests' folder, and what cannot be imported by itself
                importlib.import_module(name)
    gc.freeze()  # a fork need not look through them for garbage


def difference(source: str, mutant: str) -> str:
    lines = list(difflib.unified_diff(source.splitlines(), mutant.splitlines(), lineterm="", n=0))[2:]
    return "\n".join(lines)


def main():
    target, *tests = sys.argv[1:]
    module, _, functions = target.partition("::")
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path[0] = str(ROOT)
    name, source = module.removesuffix(".py").replace("/", "."), Path(module).read_text()
    with TemporaryDirectory() as folder:
        imported = Path(folder) / "imported"
        if not passes(name, source, tests, 600, imported):
            raise SystemExit("The tests fail on the module as it is.")
        import_libraries(imported.read_text().split())
    start = time.monotonic()
    passes(name, source, tests, 600)
    limit_s = 10 + int(5 * (time.monotonic() - start))
    if passes(name, "raise RuntimeError", tests, limit_s):
        raise SystemExit(f"The tests do not import {name}.")
    lines, survived = lines_of(source, functions), 0
    changed = [mutant for mutant in mutants(source) if changed_line(source, mutant) in lines]
    for mutant in changed:
        if passes(name, mutant, tests, limit_s):
            survived += 1
            print(difference(source, mutant), flush=True)
    killed = len(changed) - survived
    print(f"{target}: {len(changed)} mutants, {killed} killed, {survived} survived, {killed / len(changed):.1%}")


if __name__ == "__main__":
    main()
