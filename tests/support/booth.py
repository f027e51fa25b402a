"""A booth at a real gate: two lanes on the simulator's wires, the real service, people at its
console in a real Chromium."""

from simulator.broker import Mosquitto, free_port
from simulator.rig import LanePlan, Places, Rig
from simulator.service import USER, Service
from simulator.world import Driver
from tests.support.browser import sign_in
from tests.support.waiting import wait_for

FOREVER = Driver(patience_s=1e9)
PEOPLE = ("lan", "minh")
"""Operators."""


class Booth:
    """`passwords`: by user."""

    def __init__(self, folder):
        plans = [LanePlan("out1", "export", "Làn xuất 1"), LanePlan("in1", "import", "Làn nhập 1")]
        broker = Mosquitto(folder / "broker")
        # A fixed port: a page finds the service again after a restart.
        self.rig = Rig(folder, plans, seed=23, broker=broker, places=Places(console=free_port()))
        self.service = Service(self.rig.gate_config)
        self.passwords = {USER: self.service.password}

    def start(self):
        self.rig.start()
        self.service.add_user()
        self.service.start()
        self.service.wait_ready()
        for name in PEOPLE:
            self.employ(name)

    def stop(self):
        self.service.stop()
        self.rig.stop()

    def employ(self, name):
        self.passwords[name] = f"giữ barie {name} 2026"
        self._of_user({"what": "add", "name": name, "role": "operator"})

    def new_password(self, name):
        self.passwords[name] = f"mật khẩu mới của {name}"
        self._of_user({"what": "passwd", "name": name})

    def _of_user(self, body):
        answer = self.service.post("/api/users", {**body, "password": self.passwords[body["name"]]})
        assert answer.status_code == 200, answer.text

    # --- vehicles ---

    def comes(self, lane, driver=FOREVER):
        """One that nobody has declared; the platform's item for it, to be sent later."""
        vehicle, item = self.rig.traffic[lane].next()
        vehicle.driver = driver
        self.rig.worlds[lane].add(vehicle)
        return vehicle, item

    def waits(self, lane):
        """The lane, once its vehicle waits for a person."""
        return wait_for(lambda: (found := self.lane(lane))["waiting"] and found, every=0.2)

    def clear(self):
        """Everybody turns back, and the lanes are as at first."""
        for world in self.rig.worlds.values():
            world.overrides.clear()
            for vehicle in list(world.vehicles):
                vehicle.driver = Driver(patience_s=0.0)
        wait_for(self.is_empty, every=0.2, why=lambda: self.service.get("/api/gate")["lanes"])

    def is_empty(self):
        gone = not any(world.waiting() for world in self.rig.worlds.values())
        return gone and all(lane["passage"] is None for lane in self.lanes())

    def lanes(self):
        return self.service.get("/api/gate")["lanes"]

    def lane(self, name):
        return next(lane for lane in self.lanes() if lane["lane"] == name)

    def alarms(self):
        return {alarm["code"] for alarm in self.service.get("/api/alarms")}

    def told(self, type, action):
        """What customs has of such acts, the oldest first."""
        found = [event["data"] for event in self.rig.customs.events(type)]
        return [data for data in found if data["action"] == action]

    # --- people ---

    def sign_in(self, page, name, path="/"):
        sign_in(page, self.service.url, name, self.passwords[name])
        if path != "/":
            page.goto(self.service.url + path)
        page.wait_for_selector("#status span")
