"""Sign a command: python sign_command.py /SITE/GATE LANE ACTION ISSUER KEY PRIVATE REASON"""

import base64
import json
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

gate, lane, action, issuer, key, private, reason = sys.argv[1:8]
now = datetime.now(UTC)
envelope = {
    "id": uuid.uuid4().hex,
    "gate": gate,
    "lane": lane,
    "action": action,
    "reason": reason,
    "issued_at": now.isoformat(),
    "expires_at": (now + timedelta(seconds=60)).isoformat(),
    "issuer": issuer,
    "counter": time.time_ns() // 1_000_000,
    "key": key,
}
signer = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private))
envelope["signature"] = base64.b64encode(signer.sign(rfc8785.dumps(envelope))).decode()
print(json.dumps(envelope))
