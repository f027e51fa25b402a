"""Small mistakes made on purpose: each guard condition removed, one at a time.

`of(module)` gives one Mutant per condition in the module's functions: an operand of `and` or `or`
left out, a comparison turned round, a `not` dropped, an `if` never taken, a choice always the same,
a filter that lets all through; and one per value that `replace` should change and leaves.
`planted` puts a mutant's code in place of the real one and takes it out again.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import types
from dataclasses import dataclass
from functools import partial

OTHER = {
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`what`: module, function and the mistake; `lines`: (file, line) of where it is."""

    module: types.ModuleType
    what: str
    line: int
    lines: frozenset
    code: types.CodeType


def of(module):
    """Every mutant of the module's functions."""
    tree = ast.parse(inspect.getsource(module))
    for function in [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)]:
        for node, put in list(places(function)):
            at = node if hasattr(node, "lineno") else function
            lines = range(at.lineno, at.end_lineno + 1)
            for what, change in changes(node):
                put(ast.fix_missing_locations(ast.copy_location(change(copy.deepcopy(node)), at)))
                code = compile(tree, module.__file__, "exec")
                put(node)
                name = f"{module.__name__.rsplit('.')[-1]}.{function.name} {what}"
                where = frozenset((module.__file__, line) for line in lines)
                yield Mutant(module, name, at.lineno, where, code)


def places(tree):
    """(node, what puts another one in its place) for every node below."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield value, partial(setattr, parent, field)
            elif isinstance(value, list):
                for n, node in enumerate(value):
                    if isinstance(node, ast.AST):
                        yield node, partial(value.__setitem__, n)


def changes(node):
    """(what, how) for each mistake that can be made at one node."""
    if isinstance(node, ast.BoolOp):
        for n, value in enumerate(node.values):
            yield f"without '{ast.unparse(value)}'", lambda x, n=n: drop(x, n)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield "turned round", turn
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"without not '{ast.unparse(node.operand)}'", lambda x: x.operand
    if isinstance(node, ast.If):
        yield f"never '{ast.unparse(node.test)}'", never
    if isinstance(node, ast.IfExp):
        yield f"always '{ast.unparse(node.body)}'", lambda x: x.body
        yield f"always '{ast.unparse(node.orelse)}'", lambda x: x.orelse
    if isinstance(node, ast.comprehension) and node.ifs:
        yield f"all of '{ast.unparse(node.iter)}'", unfiltered
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "replace" and node.args:
        for n, word in enumerate(node.keywords):
            yield f"keeps '{word.arg}'", lambda x, n=n: kept(x, n)


def drop(node, n):
    node.values.pop(n)
    return node if len(node.values) > 1 else node.values[0]


def turn(node):
    node.ops = [OTHER[type(node.ops[0])]()]
    return node


def never(node):
    node.test = ast.Constant(False)
    return node


def unfiltered(node):
    node.ifs = []
    return node


def kept(node, n):
    node.keywords.pop(n)
    return node


@contextlib.contextmanager
def planted(mutant):
    """With the mutant's code in the real functions, wherever they are held."""
    space = dict(mutant.module.__dict__)
    exec(mutant.code, space)
    kept = []
    for owner, wrong in [(mutant.module, space), *classes(mutant.module, space)]:
        right = vars(owner)
        names = wrong if isinstance(wrong, dict) else vars(wrong)
        for name in list(right):
            function, other = function_of(right[name]), function_of(names.get(name))
            if function and other and function.__module__ == mutant.module.__name__:
                kept.append((function, function.__code__))
                function.__code__ = other.__code__
    try:
        yield
    finally:
        for function, code in kept:
            function.__code__ = code


def function_of(value):
    """The function itself, also of a property or a static method; None where there is none."""
    if isinstance(value, property):
        value = value.fget
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    return value if isinstance(value, types.FunctionType) else None


def classes(module, space):
    """The module's own classes with their mutated twins."""
    return [
        (real, space[name])
        for name, real in vars(module).items()
        if isinstance(real, type) and real.__module__ == module.__name__
    ]
