#!/usr/bin/env bash
# Builds once and runs every test project; prints each runner's own closing line and, last, the sum.
# FILTER is passed to dotnet test. Results are left in artifacts/test-results. What takes long is elsewhere: analysers (make lint), and the
# operator's 10,000 random histories (make histories), of which there are 300 here.
set -uo pipefail
cd "$(dirname "$0")/.."
configuration=${CONFIGURATION:-Release}
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

export K8SQUEUE_HISTORIES=${K8SQUEUE_HISTORIES:-300}
# Hundreds of short processes are started: few live long enough for what is measured of their code to pay, or for compiling it twice.
export DOTNET_TieredPGO=0
export DOTNET_EnableWriteXorExecute=0 # two mappings of all that is compiled are a fifth of what a start costs
dotnet build K8sQueue.sln -c "$configuration" -p:RunAnalyzersDuringBuild=false -v quiet || exit 1
export DOTNET_TC_CallCountThreshold=4000 # calls before it is compiled again, hexadecimal; 1E where nothing is set
computing='K8sQueue\.(Operator|Core)\.Tests' # for the random histories of these it pays
# Tests start hundreds of workers: the native one, as the image has it.
export K8SQUEUE_WORKER_PROGRAM=$PWD/artifacts/worker/K8sQueue.Worker

run() (
  local arguments=(--no-build -c "$configuration" --results-directory "$results" --logger "trx;LogFileName=$1.trx"
    --logger "console;verbosity=minimal" --blame-hang-timeout 5m --blame-hang-dump-type none)
  [ -n "${FILTER:-}" ] && arguments+=(--filter "$FILTER")
  [[ $1 =~ ^$computing$ ]] && unset DOTNET_TC_CallCountThreshold
  dotnet test "tests/$1/$1.csproj" "${arguments[@]}"
)

# Those that take longest first, so that both lanes end at about the same time.
mapfile -t projects < <({ printf 'K8sQueue.%s.Tests\n' EndToEnd Api Chart Worker LocalCluster Core; basename -a tests/*.Tests; } | awk '!seen[$0]++')

# One project after the other, each that no lane has taken.
lane() {
  for name in "$@"; do
    mkdir "$results/$name" 2>/dev/null || continue
    run "$name" >"$results/$name.log" 2>&1 || echo "$name" >>"$results/failed"
    cat "$results/$name.log"
  done
}

lanes=()
trap 'for lane in "${lanes[@]}"; do kill -- "-$lane" 2>/dev/null; done' EXIT
start() {
  set -m
  lane "$@" &
  lanes+=("$!")
  set +m
}

# The operator's tests start no worker: they run while that is compiled.
start K8sQueue.Operator.Tests
eng/worker.sh || exit 1
start "${projects[@]}"
wait "${lanes[0]}"
start "${projects[@]}"
wait "${lanes[@]}"
trap - EXIT

failed_projects=()
[ -e "$results/failed" ] && mapfile -t failed_projects <"$results/failed"

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
