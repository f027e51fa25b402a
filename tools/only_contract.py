"""An import-linter contract: some modules import what is listed and nothing else.

    type = "only"
    source_modules = ["edge.domain"]        packages with all in them; they may import each other
    allowed_modules = ["datetime", "edge.lane.policy -> edge.config"]

What is allowed is the named module itself, none below it; with an arrow, to that importer alone.

Pure rooms need a list of what is allowed: one of what is forbidden forgets the next library.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter.application import output
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck


class OnlyContract(Contract):
    type_name = "only"

    source_modules = fields.SetField(subfield=fields.StringField())
    allowed_modules = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        sources: set[str] = set(self.source_modules)
        allowed: set[str] = set(self.allowed_modules)
        if missing := sources - graph.modules:
            raise ValueError(f"no such modules: {', '.join(sorted(missing))}")
        ours = sources.union(*(graph.find_descendants(source) for source in sources))
        wrong = sorted(
            (module, imported)
            for module in ours
            for imported in graph.find_modules_directly_imported_by(module) - ours - allowed
            if f"{module} -> {imported}" not in allowed
        )
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, imported in check.metadata["wrong"]:
            output.print_error(f"{module} imports {imported}", bold=False)
        output.print_error(
            "Hand the value in as an argument; or, if the module does no input or output, add it "
            "to allowed_modules in pyproject.toml.",
            bold=False,
        )
