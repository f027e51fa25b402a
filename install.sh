#!/usr/bin/env bash
# Makes the virtual environment and installs the gate with the named extras: `./install.sh [demo,test]`.
# Needs Python 3.11 or newer with venv, nothing else. For `test` it also installs Mosquitto, NATS,
# Chromium and the other Debian packages the tests use, where apt may be used; those tests say so otherwise.
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
EXTRAS=${1:-}
CPU_INDEX=https://download.pytorch.org/whl/cpu

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "install: Python 3.11 or newer is needed, $("$PYTHON" --version) was found. Set PYTHON=/path/to/python3.11." >&2
  exit 2
}
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV" || {
  echo "install: no virtual environment could be made; on Debian: apt install python3-venv" >&2
  exit 2
}

# A gate PC without a GPU must not take gigabytes of CUDA: ask PyTorch's CPU index, where it answers.
index=()
if curl -sfI -m 3 "$CPU_INDEX/torch/" >/dev/null 2>&1; then index=(--extra-index-url "$CPU_INDEX"); fi

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check "$@"; }
echo "install: Python packages into $VENV (about 2 GB, a minute or more)"
pip install -q "${index[@]}" torch==2.13.0
# torchvision is only a name in ultralytics' requirements: the gate's detector is end-to-end and never
# imports it. Without PyTorch's CPU index the CPU torch above stays, and torchvision comes without its own.
pip install -q "${index[@]}" --no-deps torchvision==0.28.0
pip install -q "${index[@]}" -e ".${EXTRAS:+[$EXTRAS]}"

case ",$EXTRAS," in *,test,*)
  need=()
  command -v mosquitto >/dev/null || need+=(mosquitto)
  command -v nats-server >/dev/null || need+=(nats-server)
  command -v chromium >/dev/null || need+=(chromium)
  command -v strace >/dev/null || need+=(strace)
  command -v gcc >/dev/null || need+=(gcc libc6-dev)
  if [ ${#need[@]} -gt 0 ] && command -v apt-get >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo="sudo -n"
    echo "install: ${need[*]} from Debian's packages"
    { $sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qy --no-install-recommends "${need[@]}"; } >/dev/null 2>&1 ||
      echo "install: ${need[*]} could not be installed; the tests that need them will be skipped, and say so" >&2
    # Debian starts its own broker on 1883; the tests start theirs.
    { command -v systemctl >/dev/null && $sudo systemctl disable --now mosquitto nats-server; } >/dev/null 2>&1 || true
  fi
esac
for extra in ${EXTRAS//,/ }; do touch "$VENV/.$extra"; done
