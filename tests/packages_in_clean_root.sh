#!/usr/bin/env bash
# The packages of tools/package.sh as a stranger gets them: a bare root of this distribution by debootstrap, `apt install ./*.deb` in it,
# then manual page, completion, doctor and the whole demonstration from the packages alone; then the tarball, in a root without them.
#
#   tests/packages_in_clean_root.sh [PACKAGES_FOLDER]     (root; debootstrap; minutes; out/packages by default)
set -euo pipefail
packages=$(cd "${1:-$(dirname "$0")/../out/packages}" && pwd)
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(sed -nE 's/^(URIs:|deb) +(\[[^]]*\] +)?(https?:[^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null \
  | grep -v security | head -n 1 || true)
work=$(mktemp -d)
cleanup() {
  for root in "$work"/*/; do
    for m in dev proc; do umount -l "$root$m" 2>/dev/null || true; done
  done
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT

bare_root() {
  local to=$work/$1
  [ -d "$work/base" ] || debootstrap --variant=minbase --include=ca-certificates "$codename" "$work/base" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 \
    || { tail -n 5 "$work/debootstrap.log" >&2; exit 1; }
  cp -a "$work/base" "$to"
  # the way to the packages of the distribution, as this machine has it
  for f in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/trusted.gpg.d /etc/apt/apt.conf.d /etc/ssl/certs /etc/resolv.conf; do
    if [ -e "$f" ]; then rm -rf "${to:?}$f" && mkdir -p "$to$(dirname "$f")" && cp -aL "$f" "$to$(dirname "$f")/"; fi
  done
  mount --bind /proc "$to/proc"
  mount --bind /dev "$to/dev"
}
inside() { chroot "$work/$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$2"; }

echo "== packages"
bare_root debs
mkdir "$work/debs/packages" && cp "$packages"/*.deb "$work/debs/packages/"
# shellcheck disable=SC2016  # expanded inside
inside debs 'apt-get update -q >/dev/null; apt-get install -y -q --no-install-recommends /packages/*.deb man-db bash-completion >/tmp/apt.log 2>&1 || { tail /tmp/apt.log; exit 1; }
  ! grep -rq cmake /var/lib/dpkg/info/cmake.list 2>/dev/null
  cd /root
  latentledger --version
  man -P cat latentledger-verify | head -n 4
  source /usr/share/bash-completion/bash_completion; source /usr/share/bash-completion/completions/latentledger
  COMP_WORDS=(latentledger pro); COMP_CWORD=1; _latentledger; [ "${COMPREPLY[*]}" = "prove prove-batch" ]; echo "completes: ${COMPREPLY[*]}"
  latentledger doctor
  latentledger demo
  apt-get remove -y -q latentledger >/dev/null 2>&1; [ ! -e /usr/bin/latentledger ] && [ ! -e /usr/lib/latentledger/latentledger ]; echo "removed"'

echo "== tarball"
bare_root tarball
mkdir -p "$work/tarball/opt/any where" && tar -xzf "$packages"/latentledger-*.tar.gz -C "$work/tarball/opt/any where"
depends=$(dpkg-deb -f "$packages"/latentledger_*.deb Depends | sed 's/([^)]*)//g; s/,/ /g')
inside tarball "apt-get update -q >/dev/null; apt-get install -y -q --no-install-recommends $depends >/tmp/apt.log 2>&1 || { tail /tmp/apt.log; exit 1; }
  cd /root; '/opt/any where/bin/latentledger' demo --steps 60 --transfers 5000"
echo "packages_in_clean_root: passed"
