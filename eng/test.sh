#!/usr/bin/env bash
# Builds once and runs every test project; prints each runner's own closing line and, last, the sum.
# FILTER is passed to dotnet test. Results are left in artifacts/test-results.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

dotnet build K8sQueue.sln -c "$configuration" -v quiet || exit 1

run() {
  local arguments=(--no-build -c "$configuration" --results-directory "$results" --logger "trx;LogFileName=$1.trx"
    --logger "console;verbosity=minimal" --blame-hang-timeout 5m --blame-hang-dump-type none)
  [ -n "${FILTER:-}" ] && arguments+=(--filter "$FILTER")
  dotnet test "tests/$1/$1.csproj" "${arguments[@]}"
}

# Their time is a fake one, so that they can give way: they run in what the others leave of the processors, beside the end-to-end tests at first, which
# mostly wait.
aside=K8sQueue.Operator.Tests
set -m
(renice -n 10 "$BASHPID" >/dev/null; run "$aside") >"$results/$aside.log" 2>&1 &
aside_process=$!
set +m
trap 'kill -- "-$aside_process" 2>/dev/null' EXIT

failed_projects=()
for name in K8sQueue.EndToEnd.Tests $(basename -a tests/*.Tests | grep -vx -e K8sQueue.EndToEnd.Tests -e "$aside"); do
  run "$name" 2>&1 | tee "$results/$name.log" || failed_projects+=("$name")
done
wait "$aside_process" || failed_projects+=("$aside")
trap - EXIT
cat "$results/$aside.log"

# What failed and the first lines of why, once more: the end of a long log is what people see.
if [ "${#failed_projects[@]}" -gt 0 ]; then
  echo "What failed, in short:"
  cat "$results"/*.log | awk '/^  Failed / {shown++; lines = 4} shown <= 25 && lines-- > 0 {print substr($0, 1, 400)}'
fi

total() { sed -n "s/.*<Counters[^>]* $1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx | awk '{n += $1} END {print n + 0}'; }
passed=$(total passed)
failed=$(total failed)
if [ "${#failed_projects[@]}" -gt 0 ]; then
  echo "Failed: ${failed_projects[*]}" >&2
  # A project whose host crashed has no failed test of its own.
  [ "$failed" -eq 0 ] && failed=${#failed_projects[@]}
fi
echo "$passed passed, $failed failed"
[ "${#failed_projects[@]}" -eq 0 ] && [ "$passed" -gt 0 ]
