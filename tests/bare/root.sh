#!/usr/bin/env bash
# Runs a command in a copy of this project on a bare Debian: tests/bare/root.sh SUITE COMMAND...
#
#   tests/bare/root.sh bookworm make demo DEMO_SECONDS=20
#   tests/bare/root.sh trixie make test
#
# The root is what debootstrap makes with python3, python3-venv, make and git, and nothing else; it is made once
# (40 s, 400 MB) and kept in $BARE_ROOTS (~/.cache/bordergate-bare). The command works on a layer above it, which
# is removed afterwards. Debian's mirror, pip's configuration and what it names come from this computer's.
# Needs root and debootstrap. Exit 77: such a root cannot be made here; otherwise the command's own.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
suite=$1; shift
project=$(cd "$(dirname "$0")/../.." && pwd)
roots=${BARE_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/bordergate-bare}
cannot() { echo "no bare root: $1" >&2; exit 77; }

[ "$(id -u)" = 0 ] || cannot "it needs root"
command -v debootstrap >/dev/null || cannot "debootstrap is not installed (apt install debootstrap)"
unshare --mount --pid --fork true 2>/dev/null || cannot "this computer allows no namespaces"

root=$roots/$suite
mkdir -p "$roots/pip"
exec 9>"$roots/.$suite.lock"
flock 9
if [ ! -d "$root" ]; then
  mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 2>/dev/null | sed -n 's/^Debian Debian //p' | head -1)
  rm -rf "$root.part"
  debootstrap --variant=minbase --include=python3,python3-venv,make,git "$suite" "$root.part" ${mirror:+"$mirror"} \
    >"$root.log" 2>&1 || cannot "debootstrap $suite: $(tail -1 "$root.log")"
  rm -rf "$root.part"/var/cache/apt/archives/*.deb
  mv "$root.part" "$root"
fi
flock -u 9

# What pip is told here, and the files that it is told of: those alone are seen from inside.
told=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}")
while IFS= read -r -d '' pair; do
  case ${pair%%=*} in
    PIP_CACHE_DIR) ;;
    PIP_* | *_proxy | *_PROXY | SSL_CERT_FILE | REQUESTS_CA_BUNDLE | CI) told+=("$pair") ;;
  esac
done < <(env -0)
told+=(GATE_BARE=none) # no root within the root
configured=()
for file in /etc/pip.conf /etc/xdg/pip/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf"; do
  [ ! -f "$file" ] || configured+=("$file")
done
named() { { printf '%s\n' "${told[@]}"; [ ${#configured[@]} = 0 ] || cat "${configured[@]}"; } | tr ' =\t' '\n\n\n' | sed -n 's,^file://,,;/^\//p' | sort -u; }

work=$(mktemp -d "${TMPDIR:-/tmp}/bare.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/upper" "$work/layer" "$work/root" "$work/project"
files() { git -C "$project" ls-files -z --cached --others --exclude-standard 2>/dev/null || (cd "$project" && find . -path ./.venv -prune -o -type f -print0); }
files | (cd "$project" && while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done) |
  tar -C "$project" --null -T - -c | tar -C "$work/project" --no-same-owner -x

inside() {
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/layer" "$work/root" 2>/dev/null ||
    { mount -t tmpfs tmpfs "$work/root" && cp -a "$root/." "$work/root/"; }
  local r=$work/root
  mkdir -p "$r/gate" "$r/root/.cache/pip"
  mount --bind "$work/project" "$r/gate"
  mount --bind "$roots/pip" "$r/root/.cache/pip"
  mount -t proc proc "$r/proc"
  mount --rbind /dev "$r/dev"
  mount --rbind /sys "$r/sys"
  cat /etc/resolv.conf >"$r/etc/resolv.conf"
  cat /etc/hosts >"$r/etc/hosts"
  apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|Check-)' >"$r/etc/apt/apt.conf.d/99bare" || true
  local seen
  for seen in "${configured[@]}" $(named); do
    case $seen in /usr/* | /bin* | /sbin* | /root | /) continue ;; esac
    # An index in a folder is called simple, and its files lie beside it.
    [ ! -d "$seen" ] || seen=${seen%/simple}
    local at=${seen/#$HOME\//\/root\/}
    if [ -d "$seen" ]; then mkdir -p "$r$at"; elif [ -f "$seen" ]; then mkdir -p "$(dirname "$r$at")" && : >>"$r$at"; else continue; fi
    mount --bind -o ro "$seen" "$r$at"
  done
  # It may try what it likes with its own root: the layer is thrown away.
  exec env -i "${told[@]}" chroot "$r" sh -c 'cd /gate && exec "$@"' sh "$@"
}
export -f inside
export root work roots
# Arrays cannot be exported: they are written down.
declare -p told configured >"$work/given"
declare -f named >>"$work/given"
unshare --mount --pid --fork --kill-child --propagation private bash -euc '. "$work/given"; inside "$@"' bash "$@"
