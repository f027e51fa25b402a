"""What is wrong is said with place and cure; the service runs on with what it has."""

import httpx
import pytest

from simulator.service import Service
from tests.support.builders import a_configuration
from tests.support.command_line import gate
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(400)

CONFIG = a_configuration(
    """
[customs]
host = "127.0.0.1"
port = 1
[platform]
url = "http://127.0.0.1:1"
[console]
port = 0
""",
    port="/dev/there-is-none",
    camera='source = "absent.mp4"\nstall_after_s = 1.0',
)


def test_a_wrong_configuration_ends_with_every_mistake_and_no_traceback(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG.replace('direction = "export"', 'direction = "sideways"\ncolour = 1'))
    done = gate("run", "--config", file)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "lanes.out1.direction" in done.stderr
    assert "lanes.out1.colour" in done.stderr


def test_with_nothing_there_the_service_runs_on_and_shows_each_fault(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG)
    service = Service(file)
    try:
        service.add_user()
        service.start()
        service.wait_ready("/healthz")
        wait_for(lambda: {"camera", "wire_lost"} <= {a["code"] for a in service.get("/api/alarms")})
        texts = " ".join(a["text"] for a in service.get("/api/alarms"))
        assert "/dev/there-is-none" in texts
        assert "absent.mp4" in texts
        links = {x["name"]: x for x in service.get("/api/gate")["links"]}
        wait_for(lambda: "127.0.0.1:1" in service.get("/api/gate")["links"][0]["why"])
        assert not links["customs"]["connected"]
        assert not links["platform"]["connected"]
        assert "Traceback" not in service.log.read_text()
    finally:
        service.stop()


def test_a_truncated_picture_is_an_error_line_and_the_others_are_read(tmp_path):
    import cv2
    import numpy as np

    good = tmp_path / "good.jpg"
    cv2.imwrite(str(good), np.full((60, 200, 3), 200, np.uint8))
    (tmp_path / "cut.jpg").write_bytes(good.read_bytes()[:200])
    done = gate("read", "--json", "--crop", str(tmp_path / "cut.jpg"), str(good))
    assert done.returncode == 1
    assert '"error"' in done.stdout.splitlines()[0]
    assert '"plates"' in done.stdout.splitlines()[1]
    assert "Traceback" not in done.stderr


def test_a_broken_file_of_users_shuts_people_out_and_not_the_service(tmp_path):
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "users.json").write_text("")
    service = Service(file)
    try:
        service.start()
        service.wait_ready("/healthz")
        answer = httpx.post(
            f"{service.url}/api/session", json={"user": "anna", "password": "x" * 12}, timeout=60
        )
        assert answer.status_code == 503
        assert "users.json" in answer.json()["error"]
    finally:
        service.stop()
    assert "nobody can sign in" in service.log.read_text()
