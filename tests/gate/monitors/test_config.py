"""The alarm about the configuration, and that about the users' file, in the reader's language."""

import json

from edge.config import load
from edge.console.alarm_display import translated_alarm
from edge.console.users import UserStore
from edge.domain.alarm_codes import AlarmCode
from edge.domain.alarms import dump_params
from edge.gate.alarm_texts import bounded
from edge.gate.monitors.config import ConfigMonitor
from edge.gate.monitors.data import DataMonitor
from tests.support.builders import a_configuration


class Raised:
    """What the monitor raises, as a page shows it after the journal has kept it."""

    def __init__(self):
        self.code, self.variant, self.params = "", "", {}

    def raise_alarm(self, code, lane, params=None, *_, variant="", again=False):
        self.code, self.variant = code, variant
        self.params = json.loads(json.dumps(dump_params(bounded(params or {}))))

    def clear_alarm(self, code, lane):
        self.code = ""

    def says(self, language):
        return translated_alarm(language, self.code, self.variant, self.params, "as recorded")


class Journal:
    lost = ()

    def last_kept(self):
        return 7

    def states_under(self, prefix):
        return {}


WRONG = (
    '[customs]\nhost = "mqtt://h"\nusername = "g"\npassword_file = "none"\n'
    '[console]\ncert_file = "none.pem"\n'
)


def test_what_the_configuration_names_wrongly_is_said_in_the_readers_language(tmp_path):
    file, alarms = tmp_path / "gate.toml", Raised()
    file.write_text(a_configuration(WRONG, camera='source = "rtmp://h/s"'), encoding="utf-8")
    ConfigMonitor(load(file), alarms).check()
    assert (alarms.code, alarms.variant) == (AlarmCode.CONFIGURATION_WRONG, "more")
    english, ours = alarms.says("en"), alarms.says("vi")
    assert "there is no such file; correct the path, or put it there" in english
    assert "không có tệp này; sửa đường dẫn, hoặc đặt tệp vào đó" in ours
    assert "customs.password_file" in ours
    assert "there is no" not in ours
    assert "没有该文件" in alarms.says("zh")


def test_a_users_file_that_cannot_be_read_is_said_in_the_readers_language(tmp_path):
    (tmp_path / "users.json").write_text("[", encoding="utf-8")
    alarms = Raised()
    users = UserStore(tmp_path)
    DataMonitor(alarms, Journal(), lambda: len(users.all()), lambda: 1, "counter:").check()
    assert alarms.code == AlarmCode.DATA_LOST
    assert "hãy khôi phục tệp" in alarms.says("vi")
    assert "restore it" not in alarms.says("vi")
