"""Every alarm says the same in three languages, and no sentence of one is made in the code."""

import ast
import json
import pickle
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

from edge.barrier.core.state import Withdrawal
from edge.barrier.wires.port import WireGone
from edge.console.access import ACTION_ROLES, Role
from edge.console.alarm_display import translated_alarm, urgent_first
from edge.console.catalogue import catalogue
from edge.domain.alarm_codes import AlarmCode, Kind, Phrase
from edge.domain.alarms import dump_params
from edge.domain.guard_refusal import GuardRefusal
from edge.gate.alarm_texts import alarm_text, bounded, recorded_text, said, texts
from edge.gate.port import AlarmView
from edge.system.causes import cause, cause_of
from tests.support.builders import NOON

EDGE = Path(__file__).parents[2] / "edge"
LANGUAGES = ("vi", "en", "zh")
SAYING = {"GuardAlarm", "RaiseAlarm", "Alarm", "raise_alarm", "clear_alarm", "stay_up", "_alone"}
"""What takes an alarm's code, variant and figures."""


def gaps(text):
    return sorted((name, form) for _, name, form, _ in Formatter().parse(text) if name)


def names(node):
    """The names that a call calls, or hands on to be called."""
    called = [node.func, *node.args]
    return {n.attr if isinstance(n, ast.Attribute) else getattr(n, "id", "") for n in called}


def calls(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.Call)]


def sentences(nodes):
    """Texts of three words and more."""
    found = [n.value for node in nodes for n in ast.walk(node) if isinstance(n, ast.Constant)]
    return [text for text in found if isinstance(text, str) and len(text.split()) > 2]


def flows_into(function, call):
    """What a call is given, and what was assigned to the names in it."""
    nodes = [*call.args, *(k.value for k in call.keywords)]
    for _ in range(3):
        used = {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name)}
        for node in ast.walk(function):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            taken = {n.id for t in targets if t for n in ast.walk(t) if isinstance(n, ast.Name)}
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and taken & used:
                nodes += [value] if value is not None and value not in nodes else []
    return nodes


def made_in_code(source):
    """Sentences that are given to an alarm, made in its function or in another of the module."""
    functions = {n.name: n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}
    found = []
    for function in functions.values():
        for call in calls(function):
            if not names(call) & SAYING:
                continue
            nodes = flows_into(function, call)
            asked = {name for node in nodes for c in calls(node) for name in names(c)}
            bodies = [functions[n].body for n in asked if n in functions and n not in SAYING]
            found += sentences(nodes)
            # A docstring is no text of an alarm.
            found += sentences(s for body in bodies for s in body if not isinstance(s, ast.Expr))
    return found


@pytest.mark.parametrize(
    "file", sorted(EDGE.rglob("*.py")), ids=lambda f: f.relative_to(EDGE).as_posix()
)
def test_no_sentence_of_an_alarm_is_made_in_the_code(file):
    source = file.read_text(encoding="utf-8")
    if file.parent.name in ("core", "lane", "gate", "monitors") or file.name == "assembly.py":
        assert made_in_code(source) == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(b):\n    text = f'the arm took {b} seconds'\n    GuardAlarm(b, CODE, True, text)",
        "def f(b):\n    return g(b)\ndef g(b):\n    return b.then(stay_up, 'nobody is here')",
        "def f(self):\n    self.alarms.raise_alarm(CODE, 'gate', h())\n"
        "def h():\n    return 'the broker says nothing'",
    ],
)
def test_the_finder_finds_sentences_where_they_are_made(text):
    assert made_in_code(text)


ROOMS = ("barrier/wires", "barrier/boards", "vision", "vision/weights", "sync/customs")
ROOMS += ("sync/journal", "sync/platform", "console", "config", "gate", "cli")
"""Where it arises why an alarm stands, or why something is not done that a person asked for."""

FAILING = {"NoAnswer", "WireGone", "Refused", "BadFrame", "NoPictures", "NoJpeg", "LinkDown"}
FAILING |= {
    "CameraChanged",
    "CameraStatus",
    "Fault",
    "OSError",
    "_report_down",
    "refuse",
    "CameraError",
}
FAILING |= {"SecretError", "NotText", "WeightsError", "PlatformDown", "PassageRefused"}
FAILING |= {"FileNotFoundError", "UserError", "KeyringError", "Unanswered"}
"""Errors whose text an alarm tells, or a page."""

MAKING = {"refusals.py", "address.py"}
"""Modules of which each text that a function gives is one of an alarm."""


def sentences_of_causes(source):
    """Texts that are given to such an error, or made in what makes its text."""
    functions = {n.name: n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}
    found = []
    for call in calls(ast.parse(source)):
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if called not in FAILING:
            continue
        held = [n for n in ast.walk(call) if isinstance(n, ast.JoinedStr)]
        makers = {name for c in calls(call) for name in names(c)} & set(functions)
        bodies = [s for m in makers for s in functions[m].body if not isinstance(s, ast.Expr)]
        returned = [n.value for s in bodies for n in ast.walk(s) if isinstance(n, ast.Return)]
        held += [n for r in returned if r for n in ast.walk(r) if isinstance(n, ast.JoinedStr)]
        found += held + sentences([*call.args, *(r for r in returned if r)])
    return found


def sentences_given(source):
    """Sentences that a function returns or yields, other than as a cause."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
            yield from sentences([node.value])


@pytest.mark.parametrize("room", ROOMS)
def test_no_reason_of_an_alarm_is_made_in_the_code(room):
    for file in sorted((EDGE / room).glob("*.py")):
        source = file.read_text(encoding="utf-8")
        assert [
            ast.unparse(n) if isinstance(n, ast.AST) else n for n in sentences_of_causes(source)
        ] == [], file
        if room == "config" and file.name in MAKING:
            assert list(sentences_given(source)) == [], file


@pytest.mark.parametrize(
    "text",
    [
        "raise NoAnswer(f'{place} is not open')",
        "raise WireGone('the adapter is gone')",
        "def f(e):\n    raise WireGone(cure(e))\ndef cure(e):\n    return f'{e}: it is gone'",
    ],
)
def test_the_finder_finds_reasons_where_they_are_made(text):
    assert sentences_of_causes(text)


def used_causes():
    """Each cause that the code names, with the names of what it is given."""
    for file in sorted(EDGE.rglob("*.py")):
        for call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            called, first = getattr(call.func, "id", ""), call.args[0] if call.args else None
            if called == "cause" and isinstance(first, ast.Constant):
                yield first.value, {k.arg for k in call.keywords}
            elif called == "Phrase" and str(getattr(first, "value", "")).startswith("cause."):
                gaps = call.args[1].keys if len(call.args) > 1 else ()
                yield first.value.removeprefix("cause."), {gap.value for gap in gaps}
    for why in (*GuardRefusal, *Withdrawal):
        yield f"guard.{why.name.lower()}", set()
    for named in (*(f"action.{name}" for name in ACTION_ROLES), *(f"role.{r.name}" for r in Role)):
        yield named.lower(), set()


def test_a_cause_whose_name_is_made_is_one_of_those_that_are_counted_here():
    made = set()
    for file in sorted(EDGE.rglob("*.py")):
        for call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            if getattr(call.func, "id", "") == "cause" and not isinstance(
                call.args[0], ast.Constant
            ):
                made.add(ast.unparse(call.args[0]))
    assert made == {"f'action.{body.action}'", "f'role.{needed.name.lower()}'"}


def test_every_cause_has_a_text_with_the_gaps_that_it_fills():
    asked = dict(used_causes())
    assert {f"cause.{key}" for key in asked} == {k for k in texts("en") if k.startswith("cause.")}
    for key, given in used_causes():
        assert {name for name, _ in gaps(texts("en")[f"cause.{key}"])} == given, key


def test_a_cause_is_english_in_the_log_and_the_readers_words_where_it_is_shown():
    gone = WireGone(cause("wire.not_open", place="/dev/ttyUSB0"))
    why = cause("wire.lane", lane="in1", why=cause_of(gone))
    assert why == "lane in1: /dev/ttyUSB0 is not open"
    params = json.loads(json.dumps(dump_params(bounded({"why": why}))))
    assert "làn in1: /dev/ttyUSB0 chưa được mở" in translated_alarm(
        "vi", "wire_lost", "", params, ""
    )
    assert recorded_text("wire_lost", "", bounded({"why": why})) == (
        "the board does not answer: lane in1: /dev/ttyUSB0 is not open"
    )


def test_a_cause_within_a_phrase_of_an_alarm_is_translated_too():
    lost = cause("customs.lost", place="broker:1883", error="Keep alive timeout")
    params = {"receivers": "customs", "seconds": 60.0}
    params |= bounded({"why": Phrase("term.no_connection", {"why": lost})})
    kept = json.loads(json.dumps(dump_params(params)))
    assert "broker:1883: mất kết nối" in translated_alarm("vi", "receiver_silent", "", kept, "")


def test_a_cause_survives_the_way_from_another_process():
    why = pickle.loads(pickle.dumps(cause("wire.lane", lane="in1", why=cause("no_answer"))))
    assert why == "lane in1: no answer"
    assert said("vi", why) == "làn in1: không trả lời"
    assert said("vi", "a word of others") == "a word of others"


def test_what_others_wrote_is_no_endless_part_of_a_cause():
    assert len(cause("other", place="here", error="x" * 10_000)) < 400


def test_every_alarm_has_a_text_and_every_text_an_alarm():
    known = texts("en")
    for code in AlarmCode:
        own = [k for k in known if k == code or k.startswith(f"{code}.")]
        assert [k for k in own if not k.endswith(".over")], code
    strange = [k for k in known if k.partition(".")[0] not in {*AlarmCode, "any", "term", "cause"}]
    assert strange == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_all_texts_with_the_same_gaps(language):
    english, other = texts("en"), texts(language)
    assert list(other) == list(english)
    assert {k: gaps(v) for k, v in other.items()} == {k: gaps(v) for k, v in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_has_a_name_and_a_cure(language):
    known = catalogue(language)
    assert [c for c in AlarmCode if not known.get(f"alarm_{c}") or not known.get(f"cure_{c}")] == []


@pytest.mark.parametrize("code", [c for c in AlarmCode if c.kind is Kind.CONDITION])
def test_every_condition_can_say_that_it_is_over(code):
    assert alarm_text("vi", code, "over", {})


def test_every_variant_that_the_core_names_has_its_text():
    found = 0
    for file in sorted((EDGE / "barrier" / "core").glob("*.py")):
        for call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            said = names(call) & {"stay_up", "_alone"}
            words = [a.value for a in call.args if isinstance(a, ast.Constant)]
            words = [w for w in words if isinstance(w, str)]
            for word in words if said else ():
                code = "left_open" if "stay_up" in said else "moves_by_itself"
                assert f"{code}.{word}" in texts("en"), (file.name, word)
                found += 1
    assert found >= 8


def test_a_phrase_within_a_text_is_translated_too():
    why = {"receivers": "customs", "seconds": 120.0, "why": Phrase("term.without_a_word")}
    assert "bên nhận có chạy không" in alarm_text("vi", "receiver_silent", "", why)
    stays = {"seconds": 30.0, "sensors": ("photocell", "loop 7")}
    assert alarm_text("vi", "close_overdue", "", stays).endswith("tia hồng ngoại, loop 7")


def test_an_alarm_of_an_event_is_told_in_the_readers_language():
    params = json.loads(json.dumps(dump_params({"times": 4})))
    assert "4" in translated_alarm("vi", "left_open", "turned", params, "as recorded")
    assert translated_alarm("vi", "left_open", "turned", params, "as recorded") != "as recorded"


@pytest.mark.parametrize(
    ("code", "variant", "params"),
    [
        ("left_open", None, None),
        ("left_open", "of_tomorrow", {}),
        ("left_open", "turned", {}),
        ("left_open", "turned", {"times": {"no": "such"}}),
        ("stalled", "", {"seconds": "many"}),
        ("gone_code", "", {}),
    ],
)
def test_one_of_another_version_is_told_as_it_was_recorded(code, variant, params):
    assert translated_alarm("vi", code, variant, params, "as recorded") == "as recorded"


def test_the_page_shows_first_what_must_be_done_at_once():
    minute = timedelta(minutes=1)
    alarms = [
        AlarmView("held_long", "out1", "", NOON, severity="low"),
        AlarmView("wire_lost", "out1", "", NOON + minute, severity="high"),
        AlarmView("camera", "out1", "", NOON, severity="medium"),
        AlarmView("tailgate", "out1", "", NOON, severity="high"),
    ]
    found = [a.code for a in urgent_first(alarms)]
    assert found == ["tailgate", "wire_lost", "camera", "held_long"]


def test_what_a_stranger_wrote_is_never_taken_for_a_gap():
    assert alarm_text("en", "journal_stuck", "", {"why": "{seconds} {0}"}) == "{seconds} {0}"
