#!/usr/bin/env bash
# Run by PrairieLearn for each submission, as the entrypoint of the image. Without a score there is no results.json: PrairieLearn then
# says that grading failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/settings.sh"

root=${GRADE_ROOT:-/grade}
results=$root/results/results.json
mkdir -p "$root/results"
rm -f "$results"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing of the student's is where programs look for what they load.
cd "$work"

graded=0
"$SECRETS_LAB_PROGRAM" grade "$root/student" --as submission --depth "$DEPTH" --no-cache \
  ${POLICY:+--policy "$here/$POLICY"} --json "$work/graded.json" || graded=$?
[ -e "$work/graded.json" ] || exit "$graded"
"$SECRETS_LAB_PROGRAM" export prairielearn "$work/graded.json" --out "$results"
