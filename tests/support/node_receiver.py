"""Between a broker and the guide's example in Node, as mosquitto_sub and mosquitto_pub stand there:

python -m tests.support.node_receiver HOST PORT SITE GATE FILE KEYS
"""

import subprocess
import sys
from pathlib import Path

import paho.mqtt.client as paho

SCRIPT = Path(__file__).parents[2] / "docs" / "customs_receiver.mjs"


def main(program=("node", SCRIPT)):
    host, port, site, gate, file, keys = sys.argv[1:]
    base = f"bordergate/v1/{site}/{gate}"
    node = subprocess.Popen(
        [*program, base, file, keys], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def came(client, data, message):
        # mosquitto_sub writes a message as it is: a line break in it makes two lines.
        node.stdin.write(message.topic.encode() + b" " + message.payload + b"\n")
        node.stdin.flush()

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, f"node-{gate}", clean_session=False)
    topics = ("events/#", "status", "replay/result", "checkpoint")
    client.on_connect = lambda c, *_: c.subscribe([(f"{base}/{topic}", 1) for topic in topics])
    client.on_message = came
    client.connect(host, int(port))
    client.loop_start()
    for line in node.stdout:
        topic, _, body = line.rstrip(b"\n").partition(b" ")
        client.publish(topic.decode(), body, qos=1)
    sys.exit(node.wait())


if __name__ == "__main__":
    main()
