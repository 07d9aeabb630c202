#!/bin/sh
# Draws docs/plan-and-apply.svg from a real plan and apply in a terminal. Needs tmux. usage: picture.sh PROGRAM
set -eu

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
session=picture-$$
trap 'tmux kill-session -t "$session" 2>/dev/null; rm -rf "$place"' EXIT INT TERM
cp "$here"/examples/fleets/quickstart/*.fleet.hcl "$place"

# A blank line before each prompt tells the commands apart; the first one is cut off below.
prompt='
$ '
tmux -u new-session -d -s "$session" -x 100 -y 48 -c "$place" "env PS1='$prompt' PATH='$(dirname "$program"):$PATH' sh"
type_line() {
	tmux send-keys -t "$session" "$1" Enter
	sleep 2
}
type_line clear
type_line 'bastion-fleet apply --simulate'
type_line yes
type_line 'bastion-fleet plan --simulate'
type_line 'bastion-fleet state list --simulate'
tmux capture-pane -e -p -t "$session" | sed -e 1d -e '$d' >"$place/screen"
cd "$here"
go run ./scripts/picture <"$place/screen" >docs/plan-and-apply.svg
