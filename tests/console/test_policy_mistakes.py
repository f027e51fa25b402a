"""Mistakes of a policy and of a request are told in the reader's language: nothing of a library's
English reaches him, and the place of each stays."""

import json
import re
import tomllib

import pydantic
import pytest
from fastapi.testclient import TestClient

from edge.config import ConfigError, parse_policy
from edge.config.policy import PolicyFile
from edge.console.app import create_app
from edge.gate.alarm_texts import said
from edge.system.causes import together
from edge.system.refused_values import reason_of
from tests.support.operations_twin import PASSWORD
from tests.support.real_operations import RealDesk

WRONG = {
    "name = ": "",
    "[rows.held\notherwise = 'refer'": "1",
    "x = " + "[" * 3000: "",
    "# 4\n" * 9000: "",
    "x = 1": "x",
    "name = 3": "name",
    f"name = '{'n' * 101}'": "name",
    "timezone = 'Asia/Nowhere'": "timezone",
    "rows = 3": "rows",
    "[rows.no_such_row]\notherwise = 'refer'": "rows.no_such_row",
    "[rows.held]": "rows.held",
    "[rows.held]\notherwise = 'perhaps'": "rows.held.otherwise",
    "[rows.held]\nwhen = 3": "rows.held.when",
    "[rows.held]\nwhen = [3]": "rows.held.when.0",
    "[rows.held]\nwhen = [{}]": "rows.held.when.0.verdict",
    "[rows.held]\nwhen = [" + "{verdict = 'refer'}," * 101 + "]": "rows.held.when",
    "[[rows.held.when]]\nverdict = 'refer'\nfrom = '24:00'": "rows.held.when.0.from",
    "[[rows.held.when]]\nverdict = 'refer'\nfrom = 24": "rows.held.when.0.from",
    "[[rows.held.when]]\nverdict = 'refer'\ndays = ['sunday']": "rows.held.when.0.days.0",
    "[[rows.held.when]]\nverdict = 'refer'\nkinds = ['tank']": "rows.held.when.0.kinds.0",
    "[[rows.held.when]]\nverdict = 'refer'\nlanes = ['OUT 1']": "rows.held.when.0.lanes.0",
    "[[rows.held.when]]\nverdict = 'refer'\nlanes = ['out9']": "rows.held.when.0.lanes",
    "[[rows.held.when]]\nverdict = 'refer'\nlanes = ['out1']": "rows.held",
    "[rows.wrong_lane]\notherwise = 'allow'": "rows.wrong_lane.otherwise",
    "[rows.cancelled]\notherwise = 'refer'": "rows.cancelled.otherwise",
    "[referral]\nclaims_s = 60": "referral.claims_s",
    "[referral]\nclaim_s = 'long'": "referral.claim_s",
    "[referral]\nclaim_s = 1": "referral.claim_s",
    "[referral]\nclaim_s = 1e9": "referral.claim_s",
    "[referral]\nclaim_s = nan": "referral.claim_s",
    "[referral]\nclaim_s = []": "referral.claim_s",
    "[referral]\nfour_eyes = ['nobody']": "referral.four_eyes.0",
    "[referral]\nescalate_s = 3600": "referral.escalate_s",
    "[second_key]\nweight = 'heavy'": "second_key.weight",
    "[second_key]\nweight = 'admits'": "second_key",
    "[second_key]\nissuers = ['somebody']": "second_key.issuers",
    "[second_key]\nlanes = ['out9']": "second_key.lanes",
}
"""Text -> the place that is told."""


def of_a_library(text):
    """What pydantic or the TOML parser says of it."""
    try:
        PolicyFile.model_validate(tomllib.loads(text))
    except pydantic.ValidationError as error:
        found = [one for one in error.errors() if "error" not in one.get("ctx", {})]
        return [one["msg"] for one in found if one["type"] != "no_number"]
    except tomllib.TOMLDecodeError as error:
        return [str(error).partition(" (at ")[0]]
    except RecursionError:
        return ["recursion"]
    return []


@pytest.mark.parametrize("text", list(WRONG), ids=lambda text: text[:40])
@pytest.mark.parametrize("language", ["vi", "zh"])
def test_no_mistake_of_a_policy_is_told_in_english(text, language):
    with pytest.raises(ConfigError) as refused:
        parse_policy(text, ("out1", "in1"), ("platform",))
    assert WRONG[text] in said(language, together(refused.value.problems))
    for problem in refused.value.problems:
        told = said(language, problem)
        assert told != problem
        assert not any(words.lower() in told.lower() for words in of_a_library(text))
        # Words of the file itself stand in quotes or with marks; two in a row are a sentence.
        plain = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "", told)
        if language == "zh":
            assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", plain), told


def kinds_of(model):
    """What pydantic checks of a model, beside types and keys."""
    text = json.dumps(model.model_json_schema())
    return {name for name in ("pattern", "maxLength", "minimum", "maximum", "enum") if name in text}


def test_each_kind_of_check_that_a_policy_has_is_tried_here():
    assert kinds_of(PolicyFile) == {"pattern", "maxLength", "minimum", "maximum", "enum"}


def test_a_kind_that_is_not_known_yet_is_named_without_the_librarys_words():
    found = reason_of({"type": "of_tomorrow", "msg": "Input should be better", "ctx": {}})
    assert "better" not in found
    assert "of_tomorrow" in said("vi", found)


@pytest.fixture
def real(users, settings):
    made = RealDesk(settings)
    yield made
    made.close()


@pytest.mark.parametrize("language", ["vi", "zh"])
def test_a_wrong_policy_is_answered_in_the_language_of_the_session(real, users, settings, language):
    with TestClient(create_app(real.operations, users, settings)) as client:
        body = {"user": "administrator", "password": PASSWORD}
        csrf = client.post("/api/session", json=body).json()["csrf"]
        client.post("/language", data={"csrf": csrf, "language": language})
        wrong = {"what": "check", "text": "[referral]\nclaim_s = 1\n[rows.held]\notherwise = 'x'"}
        answer = client.post("/api/policy", json=wrong, headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 409
        says = answer.json()["says"]
        assert "Input should" not in answer.text
        assert not {"policy", "expected", "found"} & set(re.findall(r"[a-z]+", says))
        assert {"referral.claim_s", "rows.held.otherwise"} <= set(re.findall(r"[a-z_.]+", says))


def test_a_form_that_is_not_understood_says_nothing_of_the_library(client, signed_in):
    csrf = signed_in("operator")["X-CSRF-Token"]
    form = {"csrf": csrf, "lane": "out1", "passage": "p1", "choice": "perhaps", "version": "x"}
    page = client.post("/decide", data=form, follow_redirects=True).text
    assert "Input should" not in page
    assert "hệ thống không hiểu yêu cầu này" in page


def test_a_sign_in_that_is_refused_is_told_to_a_program_in_its_language(client):
    body = {"user": "operator", "password": "sai mật khẩu rồi"}
    for language, says in (("vi", "sai tên hoặc mật khẩu"), ("zh", "用户名或密码错误")):
        client.cookies.set("gate_language", language)
        answer = client.post("/api/session", json=body)
        assert answer.status_code == 403
        assert answer.json() == {"error": "wrong name or password", "says": says}
    for _ in range(5):
        answer = client.post("/api/session", json=body)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"].startswith("too many wrong passwords; try again in ")
    assert "密码错误次数过多" in answer.json()["says"]
