#!/bin/sh
# Plans and buys an example fleet from the simulated API, over real HTTP, and plans again. Spends nothing, and leaves
# nothing behind. usage: demo.sh PROGRAM
set -eu

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
cp -R "$here/examples/fleets/branches-csv" "$place/fleet"

"$program" sim serve --latency 50ms >"$place/url" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null; wait "$simulator" 2>/dev/null; rm -rf "$place"' EXIT INT TERM
until [ -s "$place/url" ]; do
	kill -0 "$simulator" 2>/dev/null || { echo "the simulator did not start" >&2; exit 1; }
	sleep 0.1
done

JDCLOUD_ACCESS_KEY=sim
JDCLOUD_SECRET_KEY=sim
export JDCLOUD_ACCESS_KEY JDCLOUD_SECRET_KEY
cd "$place/fleet"
url=$(cat "$place/url")

step() {
	echo
	echo "\$ bastion-fleet $*"
	"$program" "$@" --endpoint "$url"
}

step plan --summary
step apply --auto-approve
step plan
echo
echo "\$ bastion-fleet state list | head -5"
"$program" state list | head -5
