#!/bin/sh
# What a new installer does first, run by test_bare_root.py in a bare root: the demonstration, the doctor, and the
# later installs that once broke OpenCV, and an installation without a network. Only what must has one.
set -eu
began() { date +%s; }
python3 -m venv /tmp/index
/tmp/index/bin/python -m pip download -q --no-deps -d /tmp/index rfc8785==0.1.4 || {
  echo "no bare root: no package index can be reached from here" >&2
  exit 77
}
t=$(began)
make .venv/.demo
echo "installed: $(($(began) - t)) s, $(du -sm .venv | cut -f1) MB"
.venv/bin/python -c 'import cv2; print("OpenCV", cv2.__version__)'

cat >alone.py <<'PY'
"""Runs a command with the loopback for its only network."""
import fcntl, os, socket, struct, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS: up
os.execvp(sys.argv[1], sys.argv[1:])
PY
alone() { unshare --net python3 alone.py "$@"; }
alone make demo DEMO_SECONDS=20 DEMO_REPORT=report.json
cat report.json

cat >doctor.sh <<'SH'
.venv/bin/gate-sim serve >serve.log 2>&1 & sim=$!
for _ in $(seq 480); do grep -q '^Ctrl-C' serve.log && break; sleep 0.25; done
cat serve.log
.venv/bin/gate doctor --json --config sim-data/gate.toml && found=0 || found=$?
kill -INT $sim; wait $sim || true
echo "doctor: $found"
SH
alone sh doctor.sh

.venv/bin/python -m pip install -q -e '.[gpio]' 2>&1 | tail -3 || true
.venv/bin/python -c 'import cv2; print("OpenCV after another install", cv2.__version__)'

# Without a network, from a folder of wheels, and without ultralytics.
./install.sh --slim --collect wheels demo
alone env VENV=.offline ./install.sh --slim --wheels wheels demo
.offline/bin/python -c 'import cv2; print("OpenCV, slim", cv2.__version__)'
echo "slim: $(du -sm .offline | cut -f1) MB"
alone .offline/bin/gate read --json docs/pictures/console.png
echo "done"
