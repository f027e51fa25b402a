#!/usr/bin/env bash
# Makes the virtual environment and installs the gate: ./install.sh [--slim] [--wheels DIR] [EXTRA,...]
#
#   --slim         without ultralytics and torch: 0.5 instead of 1.7 GB. The gate runs, shipped weights and
#                  own ones in OpenVINO's form included; training and other forms of weights need the rest.
#   --wheels DIR   from the wheels in DIR alone, without a network.
#   --collect DIR  installs nothing: fetches those wheels into DIR, on a like computer that has a network.
#   EXTRA          demo, gpio, test.
#
# Needs Python 3.11 or newer with venv, nothing else. Every package stands with its hashes in requirements/;
# torch alone does not (requirements/torch_build.py chooses it: nothing for a GPU where there is none).
# For `test` it also installs Mosquitto, NATS, Chromium and the other Debian packages that the tests use,
# where apt may be used; those tests say so otherwise.
set -euo pipefail
start=$PWD
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

fail() { echo "install: $1" >&2; exit "${2:-2}"; }
folder() { # OPTION DIR: DIR as seen from where it was typed.
  [ -n "${2:-}" ] || fail "$1 needs a folder"
  case $2 in /*) dir=$2 ;; *) dir=$start/$2 ;; esac
}

slim='' wheels='' collect='' extras=''
while [ $# -gt 0 ]; do
  case $1 in
    --slim) slim=yes ;;
    --wheels) folder "$@"; wheels=$dir; shift ;;
    --collect) folder "$@"; collect=$dir; shift ;;
    --help | -h) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    -*) fail "$1 is not known; see ./install.sh --help" ;;
    *) extras=${extras:+$extras,}$1 ;;
  esac
  shift
done
locks=(requirements/slim.txt)
for extra in ${extras//,/ }; do
  case $extra in demo | gpio | test) locks+=("requirements/$extra.txt") ;; *) fail "no extra is called $extra: demo, gpio, test" ;; esac
done
[ -z "$wheels" ] || [ -d "$wheels" ] || fail "$wheels: no such folder; ./install.sh --collect makes it, where there is a network"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Python 3.11 or newer is needed, $("$PYTHON" --version) was found. Set PYTHON=/path/to/python3.11."
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV" ||
  fail "no virtual environment could be made; on Debian: apt install python3-venv"

from=()
[ -z "$wheels" ] || from=(--no-index --find-links "$wheels")
python() { "$VENV/bin/python" "$@"; }
pip() { python -m pip --disable-pip-version-check "$@"; }
locked() { # COMMAND, then lock files: what they name, with the hashes they name, and nothing else.
  local command=$1 arguments=(); shift
  for file in "$@"; do arguments+=(-r "$file"); done
  pip "$command" -q "${from[@]}" --no-deps --require-hashes "${arguments[@]}" "${into[@]}"
}
TORCH=$(sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
VISION=$(sed -n 's/^ *"\(torchvision==[^"]*\)".*/\1/p' pyproject.toml)
torch_build() { # Prints pip's arguments for it; why there is none goes to the terminal.
  python requirements/torch_build.py "${from[@]}"
}
without_torch="ultralytics and torch are left out. The gate, the demonstration and the tests run without them;
install: training, exporting and weights of other forms than OpenVINO's do not"

if [ -n "$collect" ]; then
  mkdir -p "$collect"
  into=(-d "$collect")
  echo "install: wheels into $collect"
  locked download "${locks[@]}"
  if [ -z "$slim" ] && index=$(torch_build); then
    mapfile -t index <<<"$index"
    pip download -q "${into[@]}" ${index[0]:+"${index[@]}"} "$TORCH"
    pip download -q "${into[@]}" ${index[0]:+"${index[@]}"} --no-deps "$VISION"
    locked download requirements/ultralytics.txt
  else
    echo "install: $without_torch" >&2
  fi
  echo "install: $(find "$collect" -type f | wc -l) files, $(du -sm "$collect" | cut -f1) MB; there: ./install.sh --wheels DIR"
  exit 0
fi
into=()

# The rule of an earlier slim installation (below) would forbid what is installed now.
pip config --quiet --site unset install.constraint 2>/dev/null || true
# opencv-python with windows and the build without write the same files: neither is whole beside the other.
windows() { python -c 'import importlib.metadata as m, sys; sys.exit("headless" in m.version("opencv-python"))' 2>/dev/null; }
if windows; then pip uninstall -q -y opencv-python opencv-python-headless; fi

echo "install: Python packages into $VENV ($([ -n "$slim" ] && echo 0.5 || echo 1.7) GB, a minute or more)"
locked install "${locks[@]}"
PYTHONWARNINGS=ignore pip install -q --no-deps --no-build-isolation ./requirements/opencv-python -e .
if [ -z "$slim" ]; then
  if ! python -c 'import importlib.metadata as m, sys; sys.exit(m.version("torch").partition("+")[0] != sys.argv[1])' "${TORCH#*==}" 2>/dev/null; then
    if index=$(torch_build); then
      mapfile -t index <<<"$index"
      locked install requirements/ultralytics.txt
      # torchvision is only a name in ultralytics' requirements: what the gate runs never imports it.
      pip install -q ${index[0]:+"${index[@]}"} --no-deps "$VISION"
      pip install -q ${index[0]:+"${index[@]}"} "$TORCH"
    else
      slim=yes
    fi
  else
    locked install requirements/ultralytics.txt
  fi
fi
if [ -n "$slim" ]; then
  named() { sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements/ultralytics.txt; }
  pip uninstall -q -y torch torchvision filelock fsspec networkx sympy mpmath $(named) >/dev/null 2>&1 || true
  [ "${#locks[@]}" = 1 ] || locked install "${locks[@]}" # some of those belong to an extra too
  pip config --quiet --site set install.constraint "$PWD/requirements/slim-stays-slim.txt"
  echo "install: $without_torch"
fi
python -c 'import cv2' || fail "OpenCV cannot be loaded; the cure:
  $VENV/bin/python -m pip uninstall -y opencv-python opencv-python-headless && ./install.sh" 1

case ",$extras," in *,test,*)
  need=()
  command -v mosquitto >/dev/null || need+=(mosquitto)
  command -v nats-server >/dev/null || need+=(nats-server)
  command -v chromium >/dev/null || need+=(chromium)
  command -v strace >/dev/null || need+=(strace)
  command -v debootstrap >/dev/null || need+=(debootstrap)
  command -v gcc >/dev/null || need+=(gcc libc6-dev)
  command -v mbpoll >/dev/null || need+=(mbpoll)
  command -v mosquitto_sub >/dev/null || need+=(mosquitto-clients)
  command -v ffmpeg >/dev/null || need+=(ffmpeg)
  command -v curl >/dev/null || need+=(curl)
  if [ ${#need[@]} -gt 0 ] && command -v apt-get >/dev/null; then
    sudo=; [ "$(id -u)" = 0 ] || sudo="sudo -n"
    echo "install: ${need[*]} from Debian's packages"
    { $sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qy --no-install-recommends "${need[@]}"; } >/dev/null 2>&1 ||
      echo "install: ${need[*]} could not be installed; the tests that need them will be skipped, and say so" >&2
    # Debian starts its own broker on 1883; the tests start theirs.
    { command -v systemctl >/dev/null && $sudo systemctl disable --now mosquitto nats-server; } >/dev/null 2>&1 || true
  fi
esac
for extra in ${extras//,/ }; do touch "$VENV/.$extra"; done
