"""What a conformance kit has found: as text, JSON and JUnit."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


class Refuted(Exception):
    """The one that is checked does not do what the documents ask; the text says what it did."""


class Unreachable(Exception):
    """A step cannot be tried here; the text says why. It is no fault."""


@dataclass(frozen=True, slots=True)
class Step:
    """`name` for programs; `asked` is the sentence of the documents that it tries."""

    name: str
    asked: str
    run: Callable[[], None] = field(compare=False)


def asked_by(kit: type, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each step's name, and what its method's text says."""
    for name in names:
        method = getattr(kit, name.replace("-", "_"))
        yield name, " ".join((method.__doc__ or "").split())


def steps_of(kit: object, names: Sequence[str]) -> list[Step]:
    return [
        Step(name, asked, getattr(kit, name.replace("-", "_")))
        for name, asked in asked_by(type(kit), names)
    ]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    asked: str
    state: State
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """`kit`: what was checked."""

    kit: str
    checks: tuple[Check, ...]

    @property
    def good(self) -> bool:
        return not self.failed()

    def failed(self) -> list[str]:
        return [check.name for check in self.checks if check.state is State.FAILED]

    def text(self) -> str:
        lines = []
        for check in self.checks:
            lines.append(f"{check.state.value:12} {check.name}: {check.asked}")
            if check.detail:
                lines.append(f"{'':12}   {check.detail}")
        passed = sum(check.state is State.PASSED for check in self.checks)
        lines.append(f"{passed} of {len(self.checks)} passed: {self._verdict()}")
        return "\n".join(lines)

    def _verdict(self) -> str:
        return f"FAILED ({', '.join(self.failed())})" if self.failed() else "conforms"

    def as_json(self) -> str:
        checks = [asdict(check) for check in self.checks]
        return json.dumps({"kit": self.kit, "good": self.good, "checks": checks}, indent=1)

    def junit(self) -> bytes:
        suite = ElementTree.Element(
            "testsuite",
            name=self.kit,
            tests=str(len(self.checks)),
            failures=str(len(self.failed())),
            skipped=str(sum(check.state is State.NOT_REACHED for check in self.checks)),
        )
        for check in self.checks:
            case = ElementTree.SubElement(
                suite, "testcase", name=check.name, time=f"{check.seconds:.3f}"
            )
            if check.state is State.FAILED:
                ElementTree.SubElement(case, "failure", message=_printable(check.detail))
            elif check.state is State.NOT_REACHED:
                ElementTree.SubElement(case, "skipped", message=_printable(check.detail))
        made: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
        return made


def played(
    kit: str,
    steps: Sequence[Step],
    goes_on: Callable[[], bool],
    told: Callable[[Check], None] = lambda check: None,
) -> Report:
    """All steps in order. `goes_on`: after a failure, whether what follows can be judged; `told`
    gets each check as it is made."""
    checks: list[Check] = []
    stopped = ""
    for step in steps:
        began = time.monotonic()
        state, detail = State.PASSED, ""
        if stopped:
            state, detail = State.NOT_REACHED, f"after {stopped} nothing can be judged"
        else:
            try:
                step.run()
            except Refuted as error:
                state, detail = State.FAILED, str(error)
            except Unreachable as error:
                state, detail = State.NOT_REACHED, str(error)
        checks.append(Check(step.name, step.asked, state, detail, time.monotonic() - began))
        told(checks[-1])
        if state is State.FAILED and not goes_on():
            stopped = step.name
    return Report(kit, tuple(checks))


def _printable(text: str) -> str:
    """XML takes no control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
