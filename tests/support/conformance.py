"""What several tests share: a receiver as the kit judges it."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.config import CustomsConfig
from edge.sync.journal.signing import GateKey
from simulator.conformance.gate import PlayedGate
from simulator.conformance.process import Process
from simulator.conformance.receiver import STEPS, ReceiverKit
from simulator.conformance.report import played


def judged(broker, command, gate, consumer="example", steps=STEPS, patience_s=60.0, goes_on=None):
    key = GateKey(Ed25519PrivateKey.generate())
    place = {"host": broker.host, "port": broker.port, "site": "s", "gate": gate}
    process = Process(command, **place, consumer=consumer, key=key.public)
    customs = CustomsConfig(host=broker.host, port=broker.port)
    kit = PlayedGate(customs, "s", gate, key, consumer)
    try:
        process.start()
        receiver = ReceiverKit(kit, patience_s, process, 60.0)
        asked = [step for step in receiver.steps() if step.name in steps]
        return played("receiver", asked, goes_on or receiver.goes_on)
    finally:
        process.kill()
        kit.close()
