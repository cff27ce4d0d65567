#!/usr/bin/env bash
# Run by Gradescope for each submission. Without a score there is no results.json: Gradescope then says that the autograder failed,
# and nobody has a number that is none. What is printed is shown to instructors alone.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
# shellcheck source=/dev/null
. "$root/source/settings.sh"

results=$root/results/results.json
mkdir -p "$root/results"
rm -f "$results"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing of the student's is where programs look for what they load.
cd "$work"

graded=0
"$SECRETS_LAB_PROGRAM" grade "$root/submission" --as submission --depth "$DEPTH" --no-cache \
  ${POLICY:+--policy "$root/source/$POLICY"} --json "$work/graded.json" || graded=$?
[ -e "$work/graded.json" ] || exit "$graded"
"$SECRETS_LAB_PROGRAM" export gradescope "$work/graded.json" --visibility "$VISIBILITY" --out "$results"
