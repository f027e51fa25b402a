"""Small mistakes made on purpose: each guard condition removed, one at a time.

`of(module)` gives one Mutant per condition in the module's functions: an operand of `and` or `or`
left out, a comparison turned round, a `not` dropped, an `if` never taken. `planted` puts a mutant's
code in place of the real one and takes it out again.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import types
from dataclasses import dataclass

OTHER = {
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`what`: module, function and the mistake."""

    module: types.ModuleType
    what: str
    line: int
    tree: ast.Module


def of(module, only=()):
    """Every mutant of the module's functions, or of those named."""
    tree = ast.parse(inspect.getsource(module))
    functions = [
        f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and (not only or f.name in only)
    ]
    found = []
    for function in functions:
        for node in ast.walk(function):
            for what, change in changes(node):
                name = f"{module.__name__.rsplit('.')[-1]}.{function.name} {what}"
                found.append(Mutant(module, name, node.lineno, changed(tree, node, change)))
    return found


def changes(node):
    """(what, how) for each mistake that can be made at one node."""
    if isinstance(node, ast.BoolOp):
        for n, value in enumerate(node.values):
            yield f"without '{ast.unparse(value)}'", lambda x, n=n: drop(x, n)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield "turned round", turn
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"without not '{ast.unparse(node.operand)}'", lambda x: x.operand
    if isinstance(node, ast.If) and not node.orelse:
        yield f"never '{ast.unparse(node.test)}'", never


def drop(node, n):
    node.values.pop(n)
    return node if len(node.values) > 1 else node.values[0]


def turn(node):
    node.ops = [OTHER[type(node.ops[0])]()]
    return node


def never(node):
    node.test = ast.Constant(False)
    return node


def changed(tree, node, change):
    """A copy of the tree with the change at the node."""
    memo = {}
    fresh = copy.deepcopy(tree, memo)
    target = memo[id(node)]

    class Put(ast.NodeTransformer):
        def visit(self, at):
            return change(at) if at is target else super().visit(at)

    return ast.fix_missing_locations(Put().visit(fresh))


@contextlib.contextmanager
def planted(mutant):
    """With the mutant's code in the real functions, wherever they are held."""
    space = dict(mutant.module.__dict__)
    exec(compile(mutant.tree, mutant.module.__file__, "exec"), space)
    kept = []
    for owner, wrong in [(mutant.module, space), *classes(mutant.module, space)]:
        right = vars(owner)
        names = wrong if isinstance(wrong, dict) else vars(wrong)
        for name, function in list(right.items()):
            other = names.get(name)
            real = isinstance(function, types.FunctionType) and isinstance(
                other, types.FunctionType
            )
            if real and function.__module__ == mutant.module.__name__:
                kept.append((function, function.__code__))
                function.__code__ = other.__code__
    try:
        yield
    finally:
        for function, code in kept:
            function.__code__ = code


def classes(module, space):
    """The module's own classes with their mutated twins."""
    return [
        (real, space[name])
        for name, real in vars(module).items()
        if isinstance(real, type) and real.__module__ == module.__name__
    ]
