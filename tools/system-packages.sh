#!/bin/sh
# System libraries that Blender as a module loads and that a bare Debian lacks, and a PostgreSQL server for the tests, which
# start one of their own and skip where there is none. Needs root; installs only what is missing.
set -eu
packages="libsm6 libice6 libxi6 libxxf86vm1 libxfixes3 libxrender1 libxkbcommon0 libgl1 libegl1 libgomp1 postgresql"
missing=""
for package in $packages; do
  dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
