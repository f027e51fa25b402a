"""docs/lane.md, drawn from the decision's rows, the lane's table and the file of cases.

`python -m tools.draw_lane docs/lane.md` draws it anew; a test compares.
"""

from __future__ import annotations

import csv
import inspect
import json
import re
import sys
from enum import StrEnum
from pathlib import Path

from edge.domain.decision_rows import ROWS
from edge.domain.reason import Verdict
from edge.lane.cells import Cell
from edge.lane.outcomes import OF_REASON
from edge.lane.table import TABLE
from edge.lane.vocabulary import Cue, LaneAction, Outcome, Stage

ROOT = Path(__file__).parents[1]
CASES = ROOT / "docs" / "lane_cases.csv"
LANGUAGES = ("vi", "en", "zh")

HEAD = """# The lane: who stands there, may he pass, has he passed

Drawn by `python -m tools.draw_lane docs/lane.md` from `edge/domain/decision_rows.py`,
`edge/lane/table.py` and [lane_cases.csv](lane_cases.csv); a test keeps it current.

A fact (a loop, a camera, a person, the list, time) changes what is sensed, and may be a *cue*.
The table says, for each *stage* and cue, what follows. After every fact whoever stands there is
assessed anew: **an admission holds while its reasons hold** (the same vehicle, the reading
still sure, the decision still yes, a person's word for *this* vehicle); else it is taken back
at once. No cell has a condition: what was sensed before leads to a cue and to nothing else
([what the lane remembers](decisions/0056-what-the-lane-remembers-beside-its-stage.md)).

## Who stands there

A passage is bound to one track of the camera, and a reading to the track that it was read on.
Another track is another vehicle until its plate, surely read, shows that it is the same, or an
assignment names both plates as tractor and trailer. After a restart nobody is known: who stands
there is read anew, and list, times and policy are asked again. Whom the entry loop drops and the
camera keeps in sight still stands there, but only a person lets him in; who comes on to the loop
again is read anew, although the track is the same. Whom the camera alone keeps at the barrier,
while the loop is free, is for a person too. A two-wheeler that the camera loses at the line has
passed, also where a larger vehicle behind it keeps the loop occupied; and so has who was surely
read behind one under the arm and is lost at the line, where another one stands there by the time
that the first is through (to the loops they were one long vehicle). A plate that was read behind
the one under the arm is not his who comes on to the loop after the camera has lost it. Of who may
have passed under an arm that was up, while the service was away, a person's word tells: where he
gives or confirms the plate of another, the first one's passage ends (`resumed`, its assignment
used) and the other has one of his own. A person's word counts for the passage in the version that
he saw: if the vehicle, its reading or the decision has changed meanwhile, it is refused.

While the service is away nobody sees who passes. As soon as a lane's barrier is read again, one
`device.state` of the device `service` says from when to when nobody watched it, and how the arm
and the loops were found. Whoever is found under the arm then is taken for the vehicle that was
admitted, and its record says so: the way out is `resumed`, `observed` is false, no time of
entering is given that nobody saw, and an alarm asks a person to look. Whoever was under the arm
unadmitted as the service went has his record; how many were close behind him no journal can keep,
for the guard itself learns that one is another only as he leaves the loop, or comes to the exit
loop: the record means at least one, and the same alarm (`passage_unobserved`) calls a person to the
pictures.

An admission that nobody has used in time ends. If the loops were silent meanwhile under an arm that
was up, who was admitted may have passed: who is gone when they speak again has (`resumed`, his
assignment is used, and he is refused the next time as `already_used`), as has he in whose place
another plate is surely read; who is surely read there again has not, and a person decides.
"""

DECISION = """## The decision

Each assignment that names the vehicle's plates goes down the rows; the first that holds speaks
for it. Of several assignments the one that came farthest decides. Where no row holds, a person
is asked (`undecided`). *allow* opens; *refuse* and *refer* leave the arm down, and a person may
decide otherwise. Watch list, two-way traffic and the minutes of a journey are settings
(`watch_list`, `lanes.<name>.two_way`, `lanes.<name>.journey_s`). What another picture may settle
has its time first (`lanes.<name>.read_wait_s`), and may still settle it after a person was asked.
A lane with a camera that sees rears waits so for the plate of a declared trailer too
(`lanes.<name>.trailer_needed`, [why](decisions/0055-whose-trailer-it-pulls.md)): who is declared
without one waits for nothing. A [policy](policy.md) may give a row another verdict, and the lane's
mode stands before both: what an attended lane would admit, a person confirms; a closed lane admits
nobody; in free flow everybody may pass.
"""

CASES_HEAD = """## What holds it in place

Each row of the decision, left out, swapped or with another verdict, fails a case below. Of the
1,504 small mistakes that can be made in the sixteen modules of decision and lane (a condition left
out or turned round, a value not taken over) every one is noticed by a test or explained
(`tests/lane/test_mutants.py`: one in twelve with each test run, all with the long ones, two
minutes). Lane, guard and a small world are walked together over eleven wirings
(`tests/lane/test_walk.py`).

## The cases

What a line of [lane_cases.csv](lane_cases.csv) leaves empty is in order: the plate `24C12345`
surely read on a truck, declared for export in lane `out1`, valid from an hour ago for eight
more hours, cleared by border guard and customs. Change or add a line with any spreadsheet; the
tests play all of them.
"""

COLUMNS = {
    "case": "a name of its own",
    "read": "what the cameras have read: `sure`, `unsure`, `rival` (another text is nearly as "
    "likely) or `contradicted` (the camera's own reader has read `29C99999`) and the plate; "
    "several joined by ` + `; `nothing`",
    "seen": "the kind of vehicle as seen: empty for a truck, `motorcycle`, `unknown`, ...",
    "list": "how old the platform's list is: `5 h old`, `6 min ahead`, `never fetched`",
    "declared": "the plates of the assignment `A1`, a trailer's as `trailer 51R00001`; `nothing`",
    "state, direction, lanes, valid, clearances, kind": "of that assignment; `valid` in minutes "
    "from now",
    "other": "a second assignment, `A2`: the columns in which it differs, as `state=held`",
    "last_passage": "its last passages here: `export 3 min ago`",
    "clock": "`free`: no time server holds the gate's clock",
    "lane": "`one-way`: no vehicle comes back within minutes; `trailer needed`: it waits for the "
    "plate of a declared trailer; both joined by ` + `",
    "watch_list": "plates that a person looks at",
    "verdict, reason, assignment, detail": "what must be decided, and what that is about",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_decision(), *_stages(), *_outcomes(), *_cases(), ""])


def _decision() -> list[str]:
    words = _words()
    lines = [DECISION, "| | holds where | | code | vi | en | zh |", "|--:|---|---|---|---|---|---|"]
    for n, row in enumerate(ROWS, 1):
        said = " | ".join(words[language][f"reason_{row.reason.value}"] for language in LANGUAGES)
        verdict = row.verdict.value
        lines.append(f"| {n} | {row.condition} | *{verdict}* | `{row.reason.value}` | {said} |")
    lines += ["", "What the person in the booth is told to do:", ""]
    lines += ["| code | vi | en | zh |", "|---|---|---|---|"]
    for row in ROWS:
        if row.verdict is not Verdict.ALLOW:
            do = " | ".join(words[language][f"do_{row.reason.value}"] for language in LANGUAGES)
            lines.append(f"| `{row.reason.value}` | {do} |")
    return [*lines, ""]


def _words() -> dict[str, dict[str, str]]:
    """The console's words, by language."""
    return {
        language: json.loads(
            (ROOT / f"edge/console/static/catalogue-{language}.json").read_text(encoding="utf-8")
        )
        for language in LANGUAGES
    }


def _stages() -> list[str]:
    lines = ["## The stages", "", "```mermaid", "stateDiagram-v2"]
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for (stage, cue), cell in TABLE.items():
        if cell.stage is not stage:
            arrows.setdefault((stage, cell.stage), []).append(cue.value)
    lines += [f"    {a.value} --> {b.value}: {', '.join(c)}" for (a, b), c in arrows.items()]
    lines += ["```", "", "| stage | |", "|---|---|"]
    lines += [f"| `{stage.value}` | {_about(Stage, stage)} |" for stage in Stage]
    lines += ["", "| cue | |", "|---|---|"]
    lines += [f"| `{cue.value}` | {_about(Cue, cue)} |" for cue in Cue]
    lines += ["", "| action | |", "|---|---|"]
    lines += [f"| `{action.value}` | {_about(LaneAction, action)} |" for action in LaneAction]
    lines += ["", "## The table", ""]
    lines += ["A pair that is not named holds: nothing happens.", ""]
    lines += ["| stage | cue | next stage | actions | way out |", "|---|---|---|---|---|"]
    for (stage, cue), cell in TABLE.items():
        if cell != Cell(stage):
            actions = ", ".join(action.value for action in cell.actions)
            lines.append(
                f"| `{stage.value}` | `{cue.value}` | `{cell.stage.value}` | {actions} "
                f"| {_way_out(cell)} |"
            )
    return [*lines, ""]


def _way_out(cell: Cell) -> str:
    if cell.outcome is not None:
        return cell.outcome.value
    ends = {LaneAction.ABANDON, LaneAction.COMPLETE} & set(cell.actions)
    return "as decided" if ends else ""


def _outcomes() -> list[str]:
    words = _words()
    lines = ["## The ways out", "", "Each passage ends under one name, its `outcome`:", ""]
    lines += ["| `outcome` | vi | en | zh |", "|---|---|---|---|"]
    for outcome in Outcome:
        said = " | ".join(words[language][f"outcome_{outcome.value}"] for language in LANGUAGES)
        lines.append(f"| `{outcome.value}` | {said} |")
    lines += [
        "",
        "Where the table says *as decided*, the reason names it, and else the verdict. A person's",
        "no is `refused`, but for what the vehicle itself is: in the wrong lane, a trailer alone.",
        "",
        "| reason | way out |",
        "|---|---|",
        *(f"| `{reason.value}` | `{outcome.value}` |" for reason, outcome in OF_REASON.items()),
    ]
    return [*lines, ""]


def _cases() -> list[str]:
    with CASES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = ("case", "verdict", "reason", "assignment", "detail")
    columns = [f"| `{name}` | {text} |" for name, text in COLUMNS.items()]
    lines = [CASES_HEAD, "| column | what stands in it |", "|---|---|", *columns, ""]
    lines += ["| case | what differs | |", "|---|---|---|"]
    for row in rows:
        differs = "; ".join(f"{k}: {v}" for k, v in row.items() if v and k not in told)
        lines.append(f"| {row['case']} | {differs} | *{row['verdict']}* `{row['reason']}` |")
    return lines


def _about(kind: type[StrEnum], member: StrEnum) -> str:
    """The note under the member in its source."""
    source = inspect.getsource(kind)
    pattern = rf'^    {member.name} = "[^"]*"\n    """(.*?)"""'
    found = re.search(pattern, source, re.M | re.S)
    return " ".join(found[1].split()) if found else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
