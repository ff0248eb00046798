#!/bin/sh
# How a floor of the layout that the code has now is kept: `sh tests/store/layouts/make.sh 2` in the project's
# root writes 2.tar.gz. One that is here stays as it is: it is what an older Watchfloor wrote.
set -eu
kept=$PWD/tests/store/layouts/$1.tar.gz home=$(mktemp -d)
[ ! -e "$kept" ]
PATH=$PWD/.dev/venv/bin:$PATH
export WATCHFLOOR_FLOOR="$home/floor" WATCHFLOOR_MARKS="$home/marks" WATCHFLOOR_USER=keeper
export WATCHFLOOR_PURPOSE="a kept floor" WATCHFLOOR_AUTHORITY="Customs Act s. 99"
trap 'rm -rf "$home"' EXIT
cd "$home"
watchfloor admin exercise make exercise --scale 0.02
watchfloor init --name kept --exercise --feeds exercise/feeds.toml
watchfloor ingest exercise/lists/* exercise/feeds/mail-declarations.csv exercise/feeds/mail-readings.csv \
    exercise/feeds/travellers.csv exercise/feeds/produced-payments.csv exercise/feeds/reports/reports-000001.txt
watchfloor run
lead=$(watchfloor leads --json | sed -n '1s/.*"lead_id": "\([0-9a-f]*\)".*/\1/p')
watchfloor cases task issue "$lead" --unit border-operations --instruction "Look at the traveller"
watchfloor admin account add okafor
watchfloor init --floor partner --name partner --exercise
trust() { # trust FLOOR OTHER NAME: the floor takes the other one for its peer
    key=$(watchfloor share node show --floor "$2" --json | sed 's/.*"key": "\([^"]*\)".*/\1/')
    watchfloor share node trust "$key" --name "$3" --institution joint-cell --checked "on one machine" --floor "$1"
}
trust floor partner partner
trust partner floor kept
watchfloor share bundle send --to partner --gateway customs-107-4-c --test "the parcel is under examination" \
    --signals all -o sent.bundle
watchfloor share bundle receive sent.bundle --receipt back.receipt --floor partner
watchfloor share bundle receipt back.receipt
watchfloor floor backup --unencrypted floor.tar
gzip -9 -n -c floor.tar >"$kept"
ls -l "$kept"
