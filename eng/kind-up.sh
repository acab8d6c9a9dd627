#!/usr/bin/env bash
# Creates a kind cluster from kind-config.yaml and installs KEDA into it. usage: eng/kind-up.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?cluster name}
for tool in docker kind helm kubectl; do
  command -v "$tool" >/dev/null || { echo "make kind-up: needs $tool" >&2; exit 1; }
done
kind get clusters | grep -qx "$name" || kind create cluster --name "$name" --config kind-config.yaml
helm upgrade --install keda keda --repo https://kedacore.github.io/charts --version 2.20.2 \
  --namespace keda --create-namespace --wait
