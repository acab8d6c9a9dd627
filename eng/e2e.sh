#!/usr/bin/env bash
# Runs the end-to-end suite. Without arguments over the stand-in cluster, or what the K8SQUEUE_E2E_... variables say.
# usage: eng/e2e.sh [REGISTRY TAG KIND_CLUSTER]   with them, over what make kind-up deploy has put there
set -euo pipefail
cd "$(dirname "$0")/.."

over_kind() {
  local registry=$1 tag=$2 name=$3 work=artifacts/kind
  mkdir -p "$work"
  kind get kubeconfig --name "$name" >"$work/kubeconfig"
  chmod 600 "$work/kubeconfig"
  # The API server's own file is for root only.
  docker exec "$name-control-plane" tail -n +1 -F /var/log/kubernetes/audit.log >"$work/audit.log" &
  trap 'kill %1 2>/dev/null || true' EXIT
  export K8SQUEUE_E2E_KUBECONFIG="$PWD/$work/kubeconfig" K8SQUEUE_E2E_OPERATOR=installed K8SQUEUE_E2E_AUDIT_LOG="$PWD/$work/audit.log"
  export K8SQUEUE_E2E_WORKER_IMAGE="$registry/worker:$tag" K8SQUEUE_E2E_DATABASE_WORKER_IMAGE="$registry/database-worker:$tag"
  # The suite's Redis, database and endpoint listen where the nodes reach this machine.
  K8SQUEUE_E2E_HOST_ADDRESS=$(docker network inspect kind --format '{{range .IPAM.Config}}{{println .Gateway}}{{end}}' | awk '/\./ && !n++ {print} END {exit !n}')
  export K8SQUEUE_E2E_HOST_ADDRESS
}

if [ "$#" -gt 0 ]; then over_kind "$@"; fi
dotnet test tests/K8sQueue.EndToEnd.Tests -c "${CONFIGURATION:-Release}" --logger "console;verbosity=normal"
