"""A real gate for tests: the simulator's wires, a real Mosquitto, the real service."""

from simulator.broker import Mosquitto
from simulator.rig import LanePlan, Rig
from simulator.service import Service

PATIENCE_S = 150


class Site:
    """A gate with its surroundings; `env`: more of the service's environment."""

    def __init__(self, folder, env=None):
        self.rig = Rig(
            folder,
            [LanePlan("out1", "export", "Làn xuất 1")],
            seed=11,
            broker=Mosquitto(folder / "broker"),
        )
        self.service = Service(self.rig.gate_config, env)

    def start(self):
        self.rig.start()
        self.service.add_user()
        self.service.start()
        self.service.wait_ready()

    def camera_lives(self):
        return self.lane()["camera"]["state"] == "live"

    def lane(self):
        return self.service.get("/api/gate")["lanes"][0]

    def alarms(self):
        return {a["code"] for a in self.service.get("/api/alarms")}

    def last_sequence(self):
        return self.service.get("/api/gate")["journal"]["last_sequence"]

    def everything_acknowledged(self):
        return self.rig.customs.through >= self.last_sequence()

    def stop(self):
        self.service.stop()
        self.rig.stop()
