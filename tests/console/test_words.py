"""One word for one thing, and the words of the buttons where a text sends somebody to them."""

import re

import pytest

from edge.console.catalogue import catalogue
from edge.gate.alarm_texts import texts

OTHERS = {
    "vi": ("rào chắn", "thanh chắn", "Vô hiệu"),
    "zh": ("栏杆", "摄像机", "扣留", "卡口", "操作杆"),
}
"""Words for what has another one here: cần chắn, Khóa tài khoản; 闸杆, 摄像头, 暂扣, 系统."""

BEFORE = {"en": ("press ", " under "), "vi": ("bấm ", "ở mục "), "zh": ("“",)}
"""What stands before the name of a button or a page."""


def said(language):
    return [*catalogue(language).items(), *texts(language).items()]


@pytest.mark.parametrize("language", list(OTHERS))
def test_no_text_has_another_word_for_what_has_one(language):
    found = [(k, w) for k, text in said(language) for w in OTHERS[language] if w in text]
    assert found == []


@pytest.mark.parametrize("language", list(BEFORE))
def test_a_cure_names_pages_and_buttons_as_they_are_called(language):
    names = sorted({text for text in catalogue(language).values() if len(text) > 1}, key=len)
    called = re.compile("(?i)(?:" + "|".join(map(re.escape, reversed(names))) + r")(?!\w)")
    strange, found = [], 0
    for key, text in catalogue(language).items():
        if not key.startswith(("cure_", "do_")):
            continue
        for before in BEFORE[language]:
            for place in re.finditer(before, text):
                rest = text[place.end() :]
                # Of what stands after these words, names alone begin with a capital letter.
                if language == "zh" or rest[0].isupper():
                    found += 1
                    name = called.match(rest.partition("”")[0])
                    strange += [] if name else [(key, rest[:20])]
    assert found > 5
    assert strange == []


def test_the_figures_and_commands_of_a_cure_are_the_same_in_every_language():
    for key, text in catalogue("en").items():
        if not key.startswith(("cure_", "do_")):
            continue
        commands = set(re.findall(r"gate [a-z]+(?: [a-z]+)?(?=[ :,.;)]|$)|[a-z]+\.[a-z_]+", text))
        commands = {c for c in commands if c.split()[0] != "gate" or c.split()[1] in COMMANDS}
        for language in ("vi", "zh"):
            other = catalogue(language)[key]
            assert [c for c in commands if c not in other] == [], (key, language)


COMMANDS = {"camera", "policy", "journal", "config", "restore"}
