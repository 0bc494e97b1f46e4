#!/bin/bash
# Moves finished films to the slow disk, and deletes nothing that was not compared.
set -euo pipefail

source=${SOURCE:-/mnt/hot/done/films}
target=/mnt/media/films

for mount in /mnt/hot /mnt/media; do
    mountpoint -q "$mount" || { echo "$mount is not mounted" >&2; exit 1; }
done
[[ -e /mnt/media/.this-is-the-media-disk ]] || exit 1

rsync -aH --fsync "$source/" "$target/"
sync
rsync -aHn --checksum --itemize-changes "$source/" "$target/" | grep . && exit 1
find "$source" -type f -links 1 -mmin +1440 -print0 | xargs -0 --no-run-if-empty rm --
find "$source" -mindepth 1 -type d -empty -delete

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
du -s "$target" > "$work"/size
