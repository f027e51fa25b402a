"""`gate policy`: try a policy, make it count, and see why the gate decides as it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.journal_file import open_journal_file
from edge.cli.progress import Progress
from edge.cli.row_output import json_line, print_line
from edge.cli.service import do
from edge.cli.settings import settings_for_data, settings_of
from edge.config import ConfigError, Settings
from edge.domain.assignment import Assignments
from edge.domain.events import PASSAGE_DECIDED
from edge.domain.explanation import Past, again, row_of
from edge.domain.policy import Policy
from edge.domain.reason import Decision
from edge.gate.governing import explanation
from edge.gate.policies import Policies
from edge.gate.port import ExplanationView, Unanswered
from edge.sync.journal import sql
from edge.sync.journal.journal import FILE
from edge.sync.platform.assignment_cache import AssignmentCache
from edge.system.clock import SystemClock

app = typer.Typer(
    no_args_is_help=True,
    help="The policy: what would be decided and why; try another before it counts.",
    rich_markup_mode=None,
)
Config = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]
Other = Annotated[
    Path | None,
    typer.Option("--policy", help="A policy to try, in place of the one that counts."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

PAGE = 500


class _Kept:
    """The states of a journal that may belong to a running service."""

    def __init__(self, folder: Path) -> None:
        self._states: dict[str, dict[str, Any]] = {}
        if (folder / FILE).exists():
            with closing(open_journal_file(folder / FILE)) as db:
                for prefix in ("mode:", "policy"):
                    rows = db.execute(sql.STATES_UNDER, (prefix, prefix + "\U0010ffff"))
                    self._states |= {key: json.loads(body) for key, body in rows}

    def state(self, key: str) -> dict[str, Any] | None:
        return self._states.get(key)

    def states_under(self, prefix: str) -> dict[str, dict[str, Any]]:
        return {key: state for key, state in self._states.items() if key.startswith(prefix)}


def _policies(settings: Settings) -> Policies:
    return Policies(settings, _Kept(settings.data_folder))


def _other(policies: Policies, file: Path | None) -> Policy:
    """The policy in the file, or the one that counts. Ends the command with 2 where it is wrong."""
    if file is None:
        return policies.policy
    try:
        return policies.read(file)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


@app.command()
def check(file: Path, config: Config) -> None:
    """Every mistake of a policy with its place: what may not be set, contradictions, holes.

    Example: gate policy check nights.toml --config /etc/gate/gate.toml
    """
    policy = _other(_policies(settings_of(config)), file)
    typer.echo(f"{file}: whole; {len(policy.rulings.rules)} rules, hash {policy.content}")


@app.command()
def show(config: Config, as_json: AsJson = False) -> None:
    """The policy that counts, who made it count and why, and the lanes' modes.

    Example: gate policy show --config /etc/gate/gate.toml
    """
    policies = _policies(settings_of(config))
    about, modes = dict(policies.about), policies.modes_about
    if as_json:
        print_line(json_line({"policy": about, "fault": policies.fault, "modes": dict(modes)}))
        return
    if not about:
        print_line("no policy was made to count: the gate decides by its rows alone")
    else:
        print_line(
            f"policy {about['number']} ({about['content']}) {about['name']}\n"
            f"since {about['at']} by {about['by']}: {about['reason']}\n\n{about['text']}"
        )
    if policies.fault:
        print_line(f"it cannot be used: {policies.fault}")
    for lane in policies.lanes:
        state = modes.get(lane)
        who = f", since {state['at']} by {state['by']}: {state['reason']}" if state else ""
        print_line(f"lane {lane}: {policies.mode(lane).value}{who}")


@app.command("explain")
def explain_(
    config: Config,
    lane: Annotated[str, typer.Option(help="The lane.")],
    plate: Annotated[str, typer.Option(help="The plate, as it is written.")],
    at: Annotated[
        datetime | None, typer.Option(help="A time (the gate's clock); otherwise now.")
    ] = None,
    kind: Annotated[str, typer.Option(help="car, motorcycle, bus or truck.")] = "truck",
    policy: Other = None,
    as_json: AsJson = False,
) -> None:
    """What would happen to a vehicle whose plate is surely read, and why: each assignment of it,
    the row of docs/lane.md that speaks, and the rule of the policy.

    Example: gate policy explain --lane out1 --plate 24C-123.45 --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    policies = _policies(settings)
    tried = _other(policies, policy)
    moment = at.astimezone() if at else None
    try:
        with closing(AssignmentCache(settings.data_folder)) as cache:
            book: Assignments = cache.current
            said = explanation(policies, tried, book, lane, plate, kind, moment, SystemClock())
    except Unanswered as error:
        typer.echo(f"gate policy explain: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        print_line(json_line(asdict(said)))
        return
    print_line(_told(said))


def _told(said: ExplanationView) -> str:
    lines = [
        f"{said.plate} in lane {said.lane} ({said.mode}) at {said.at}: "
        f"{said.verdict}, {said.reason}" + (f" ({said.detail})" if said.detail else "")
    ]
    for held in said.held:
        rule = f", by {held.rule} of policy {said.policy}" if held.rule else ""
        of = f"assignment {held.assignment}" if held.assignment else "no assignment"
        lines.append(
            f"  {of}: row {held.number} {held.row}: {held.condition}: {held.verdict}{rule}"
        )
    if said.four_eyes:
        lines.append("  two people have to admit it")
    return "\n".join(lines)


@app.command()
def replay(
    config: Config,
    since: Annotated[datetime, typer.Option(help="Passages decided since then (gate's clock).")],
    policy: Other = None,
    as_json: AsJson = False,
) -> None:
    """What the gate has decided since then, held against another policy: each passage that would
    have been decided otherwise, and by which row. Also while the service runs.

    A policy changes what a row says, not which row holds; what settings and the platform's list
    said is taken as it was.

    Example: gate policy replay --since 2026-11-01 --policy nights.toml --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    tried = _other(_policies(settings), policy)
    progress, passages, otherwise = Progress(), set[str](), set[str]()
    with closing(open_journal_file(settings.data_folder / FILE)) as db:
        for number, lane, data, at in _decided(db, since.astimezone()):
            passages.add(str(data.get("passage", "")))
            progress.at(f"event {number}")
            past, decision = _held_against(lane, data, at, tried)
            if decision is None or past in otherwise:
                continue
            otherwise.add(past)
            progress.end()
            print_line(_otherwise(data, lane, at, decision, as_json))
    progress.end()
    told = f"{len(passages)} passages, {len(otherwise)} of them would be decided otherwise"
    typer.echo(told, err=as_json)


def _held_against(
    lane: str, data: dict[str, Any], at: datetime, tried: Policy
) -> tuple[str, Decision | None]:
    """The passage, and its decision where that would be another."""
    passage, reason = str(data.get("passage", "")), str(data.get("reason", ""))
    if data.get("by", "gate") != "gate":
        return passage, None
    past = Past(
        lane,
        str(data.get("kind", "")),
        at,
        str(data.get("verdict", "")),
        reason,
        str(data.get("row") or row_of(reason)),
        str(data.get("mode", "")),
    )
    return passage, again(past, tried.rulings)


def _otherwise(
    data: dict[str, Any], lane: str, at: datetime, decision: Decision, as_json: bool
) -> str:
    was = {"verdict": data.get("verdict", ""), "reason": data.get("reason", "")}
    if as_json:
        would = {"verdict": decision.verdict, "reason": decision.reason}
        return json_line(
            {
                "passage": data.get("passage", ""),
                "at": at.isoformat(),
                "lane": lane,
                "plate": data.get("plate", ""),
                "was": was,
                "would": would,
                "row": decision.row,
                "rule": decision.rule,
            }
        )
    plate = data.get("plate") or "?"
    by = f" by {decision.rule}" if decision.rule else ""
    return (
        f"{at.isoformat(timespec='seconds')}  {lane}  {plate}  {was['verdict']} ({was['reason']}) "
        f"-> {decision.verdict} ({decision.reason}), row {decision.row}{by}  {data.get('passage')}"
    )


def _decided(db: Any, since: datetime) -> Iterator[tuple[int, str, dict[str, Any], datetime]]:
    """The decisions since then: number, lane, data, time; a page at a time."""
    after = 0
    while rows := db.execute(sql.AFTER_OF_TYPE, (after, PASSAGE_DECIDED, PAGE)).fetchall():
        for number, _, lane, text in rows:
            event = json.loads(text)
            at = datetime.fromisoformat(event["time"])
            if at >= since:
                yield number, lane, event["data"], at
        after = rows[-1][0]


@app.command()
def activate(
    file: Path,
    config: Config,
    reason: Annotated[str, typer.Option(help="Why; it is recorded and sent to customs.")],
) -> None:
    """Make a policy count from now on, in the running service; the one before is in its events.

    Example: gate policy activate nights.toml --reason "order 12" --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    _other(_policies(settings), file)
    text = file.read_text(encoding="utf-8")
    number = _asked("activate", settings, {"do": "policy", "text": text, "reason": reason})
    typer.echo(f"policy {number.get('number')} counts from now on")


@app.command()
def mode(
    lane: str,
    mode: Annotated[str, typer.Argument(help="automatic, attended, closed, free_flow or shadow.")],
    config: Config,
    reason: Annotated[str, typer.Option(help="Why; it is recorded and sent to customs.")],
) -> None:
    """Set a lane's mode, in the running service. free_flow raises the arm; shadow moves nothing.

    Example: gate policy mode out1 attended --reason "new camera" --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    _asked("mode", settings, {"do": "mode", "lane": lane, "mode": mode, "reason": reason})
    typer.echo(f"lane {lane}: {mode}")


def _asked(command: str, settings: Settings, question: dict[str, Any]) -> dict[str, Any]:
    """The service's answer. Ends the command with 1 where it refuses, or none runs."""

    def alone(user: str) -> dict[str, Any]:
        return {"error": "no service runs on this configuration; start it first"}

    _, said = do(f"gate policy {command}", settings.data_folder, question, alone)
    if "error" in said:
        typer.echo(f"gate policy {command}: {said['error']}", err=True)
        raise typer.Exit(1)
    return dict(said)
