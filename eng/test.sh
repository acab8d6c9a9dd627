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

# PROJECT, or PROJECT/PART where only a part of it is run.
run() (
  local project=${1%/*} title=${1//\//-} filters=()
  local arguments=(--no-build -c "$configuration" --results-directory "$results" --logger "trx;LogFileName=$title.trx"
    --logger "console;verbosity=minimal" --blame-hang-timeout 5m --blame-hang-dump-type none)
  [ -n "${FILTER:-}" ] && filters+=("($FILTER)")
  case $1 in
    */first) filters+=("($(matching '~' '|'))") ;;
    */second) filters+=("($(matching '!~' '&'))") ;;
  esac
  [ "${#filters[@]}" -gt 0 ] && arguments+=(--filter "$(IFS='&' && echo "${filters[*]}")")
  [[ $project =~ ^$computing$ ]] && unset DOTNET_TC_CallCountThreshold
  dotnet test "tests/$project/$project.csproj" "${arguments[@]}"
)

# The end-to-end suite mostly waits: two parts of it, each over clusters of its own, take as long as one. What the operator uses its rights for is
# in one part.
first=(RolloutTests SignalTests DisruptionTests SteadyStateTests PushTests OperatorRightsTests)
matching() {
  local operator=$1 conditions
  printf -v conditions "$2FullyQualifiedName$operator.%s." "${first[@]}"
  echo "${conditions:1}"
}

# Those that take longest first, so that all lanes end at about the same time.
mapfile -t projects < <({
  printf 'K8sQueue.%s\n' EndToEnd.Tests/second EndToEnd.Tests/first {Api,Chart,Worker,LocalCluster,Core}.Tests
  basename -a tests/*.Tests | grep -vx K8sQueue.EndToEnd.Tests
} | awk '!seen[$0]++')

# One after the other, each that no lane has taken.
lane() {
  for name in "$@"; do
    local title=${name//\//-}
    mkdir "$results/$title" 2>/dev/null || continue
    run "$name" >"$results/$title.log" 2>&1 || echo "$name" >>"$results/failed"
    cat "$results/$title.log"
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
start "${projects[@]}"
wait "${lanes[0]}"
start "${projects[@]}"
wait "${lanes[@]}"
trap - EXIT

failed_projects=()
[ -e "$results/failed" ] && mapfile -t failed_projects <"$results/failed"

# What failed and why, once more, and whole what failed first: the end of a long log is what people see.
if [ "${#failed_projects[@]}" -gt 0 ]; then
  echo "What failed, in short:"
  cat "$results"/*.log | awk '
    /^  Failed / {shown++}
    shown > 25 {exit}
    /^  Failed / {print substr($0, 1, 300)}
    /^  Error Message:/ {getline; print substr($0, 1, 400)}'
  echo "What failed first:"
  awk '/^  Failed / {seen++} seen == 1 && lines++ < 16 {print substr($0, 1, 400)}' "$results/${failed_projects[0]//\//-}.log"
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
