#!/usr/bin/env bash
# Publishes the worker's program as its image has it, as native code, into artifacts/worker.
set -euo pipefail
cd "$(dirname "$0")/.."
case $(uname -m) in
  x86_64) runtime=linux-x64 ;;
  aarch64) runtime=linux-arm64 ;;
  *) echo "make worker: there is no native compiler for $(uname -m)" >&2; exit 1 ;;
esac
rm -rf artifacts/worker
dotnet publish worker/K8sQueue.Worker -c Release -r "$runtime" -p:PublishAot=true -p:RunAnalyzersDuringBuild=false -o artifacts/worker -v quiet
