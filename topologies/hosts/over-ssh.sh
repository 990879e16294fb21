#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Copies a topology to the hosts of hosts.yaml and runs it there, for small
# set-ups: over-ssh.sh TOPOLOGY HOSTS KEY
#
# The files go to GUST_FOLDER, here and there, in /var/tmp by default; gust must be
# installed on each host, and ssh must let in whoever runs this.
set -eu

[ $# -eq 3 ] || {
	echo "usage: over-ssh.sh TOPOLOGY HOSTS KEY" >&2
	exit 2
}
folder=${GUST_FOLDER:-/var/tmp/gust-$(id -un)}
mkdir -p "$folder"
cp "$1" "$folder/topology.yaml"
cp "$2" "$folder/hosts.yaml"
install -m 600 "$3" "$folder/cluster.key"
cd "$folder"
tar -cf files.tar topology.yaml hosts.yaml cluster.key
trap 'rm -f files.tar' EXIT
gust plan --json --hosts hosts.yaml topology.yaml |
	sed -n 's/^ *"address": "\(.*\)",$/\1/p' | sort -u >addresses
while read -r address; do
	"${GUST_SSH:-ssh}" "$address" \
		"umask 077; mkdir -p '$folder'; tar -xf - -C '$folder'" <files.tar
done <addresses
gust run --ssh --hosts hosts.yaml --key cluster.key topology.yaml
