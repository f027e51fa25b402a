"""`gate policy`: try a policy, make it count, and see why the gate decides as it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.cli.journal_file import open_journal_file
from edge.cli.moments import shown, typed
from edge.cli.progress import Progress
from edge.cli.row_output import json_line, print_line
from edge.cli.service import do
from edge.cli.settings import settings_for_data, settings_of
from edge.config import ConfigError, Settings
from edge.domain.assignment import Assignments
from edge.domain.events import CODE_PRESENTED, PASSAGE_DECIDED
from edge.domain.policy import Policy
from edge.domain.reason import Decision, Verdict
from edge.domain.replaying import NotKnown, Past, again
from edge.gate.governing import explanation
from edge.gate.policies import Policies
from edge.gate.port import ExplanationView, Unanswered
from edge.gate.shadowed import read_shadowed
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


class Kind(StrEnum):
    CAR = "car"
    MOTORCYCLE = "motorcycle"
    BUS = "bus"
    TRUCK = "truck"


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
    folder = settings.data_folder
    return Policies(settings, _Kept(folder), read_shadowed(folder))


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
    kind: Annotated[Kind, typer.Option(help="What stands there.")] = Kind.TRUCK,
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
    moment = typed(at) if at else None
    try:
        with closing(AssignmentCache(settings.data_folder)) as cache:
            book: Assignments = cache.current
            said = explanation(
                policies, tried, book, lane, plate, kind.value, moment, SystemClock()
            )
    except Unanswered as error:
        typer.echo(f"gate policy explain: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        print_line(json_line(asdict(said)))
        return
    print_line(_verdict_text(said))
    if moment is not None:
        print_line("  by list, watch list and settings as they are now")


def _verdict_text(said: ExplanationView) -> str:
    at = shown(datetime.fromisoformat(said.at))
    lines = [
        f"{said.plate} in lane {said.lane} ({said.mode}) at {at}: "
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

    A policy changes what a row says, not which row holds: what the platform's list, the watch list
    and the settings said is taken as it was then, from the decision. Where that cannot be known,
    because a code would count that did not, it is told.

    Example: gate policy replay --since 2026-11-01 --policy nights.toml --config /etc/gate/gate.toml
    """
    settings = settings_for_data(config)
    tried = _other(_policies(settings), policy)
    progress, passages = Progress(), set[str]()
    otherwise, unknown, two = set[str](), set[str](), set[str]()
    with closing(open_journal_file(settings.data_folder / FILE)) as db:
        issuers = _issuers(db)
        for number, lane, data, at in _decided(db, typed(since)):
            passage = str(data.get("passage", ""))
            passages.add(passage)
            progress.at(f"event {number}")
            if data.get("by", "gate") != "gate":
                continue
            if _asks_two(data, tried):
                two.add(passage)
            said = again(_past(lane, data, at, issuers), tried)
            listed = unknown if isinstance(said, NotKnown) else otherwise
            if said is None or passage in listed:
                continue
            listed.add(passage)
            progress.end()
            print_line(_otherwise(data, lane, at, said, as_json))
    progress.end()
    parts = [f"{len(passages)} passages, {len(otherwise)} of them would be decided otherwise"]
    if unknown:
        parts.append(f"of {len(unknown)} it cannot be known")
    if tried.referral.four_eyes:
        parts.append(f"two people would have to admit {len(two)}")
    typer.echo("; ".join(parts), err=as_json)


def _past(lane: str, data: dict[str, Any], at: datetime, issuers: dict[str, str]) -> Past:
    row, code = data.get("row"), data.get("code") or {}
    good = bool(code) and not code.get("refused")
    return Past(
        lane,
        str(data.get("kind", "")),
        at,
        str(data.get("verdict", "")),
        str(data.get("reason", "")),
        str(row) if isinstance(row, str) and (row or "rule" in data) else None,
        str(data.get("mode", "")),
        good,
        issuers.get(str(code.get("id", "")), ""),
        bool(data.get("reads", True)) or bool(data.get("plate")),
    )


def _asks_two(data: dict[str, Any], tried: Policy) -> bool:
    waits = data.get("verdict") != Verdict.ALLOW.value
    return waits and data.get("reason") in {str(one) for one in tried.referral.four_eyes}


NOT_KNOWN = {
    NotKnown.ROW: "it was decided before rows were recorded",
    NotKnown.LIST: "a code would count, and the list was not asked about its assignment",
}


def _otherwise(
    data: dict[str, Any], lane: str, at: datetime, said: Decision | NotKnown, as_json: bool
) -> str:
    was = {"verdict": data.get("verdict", ""), "reason": data.get("reason", "")}
    known = said if isinstance(said, Decision) else None
    if as_json:
        would = {"verdict": known.verdict, "reason": known.reason} if known else None
        return json_line(
            {
                "passage": data.get("passage", ""),
                "at": at.isoformat(),
                "lane": lane,
                "plate": data.get("plate", ""),
                "guided_to": data.get("guided_to", ""),
                "was": was,
                "would": would,
                "row": known.row if known else "",
                "rule": known.rule if known else "",
                "not_known": said.value if isinstance(said, NotKnown) else "",
            }
        )
    plate = data.get("plate") or "?"
    sent = f", sent to {data['guided_to']}" if data.get("guided_to") else ""
    begin = f"{shown(at)}  {lane}  {plate}  {was['verdict']} ({was['reason']}{sent}) -> "
    if isinstance(said, NotKnown):
        return f"{begin}not known: {NOT_KNOWN[said]}  {data.get('passage')}"
    by = f" by {said.rule}" if said.rule else ""
    return f"{begin}{said.verdict} ({said.reason}), row {said.row}{by}  {data.get('passage')}"


def _issuers(db: Any) -> dict[str, str]:
    """Of each code that was shown, by its id."""
    return {
        str(event["data"].get("code", "")): str(event["data"].get("issuer", ""))
        for _, _, event in _events(db, CODE_PRESENTED)
    }


def _events(db: Any, type: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """All of one type: number, lane, event; a page at a time."""
    after = 0
    while rows := db.execute(sql.AFTER_OF_TYPE, (after, type, PAGE)).fetchall():
        for number, _, lane, text in rows:
            yield number, lane, json.loads(text)
        after = rows[-1][0]


def _decided(db: Any, since: datetime) -> Iterator[tuple[int, str, dict[str, Any], datetime]]:
    """The decisions since then: number, lane, data, time."""
    for number, lane, event in _events(db, PASSAGE_DECIDED):
        at = datetime.fromisoformat(event["time"])
        if at >= since:
            yield number, lane, event["data"], at


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
