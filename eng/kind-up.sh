#!/usr/bin/env bash
# Creates a kind cluster from kind-config.yaml, unless it is there, and installs KEDA into it, whatever the kubeconfig's current context is.
# usage: eng/kind-up.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?cluster name}
for tool in docker kind helm kubectl; do
  command -v "$tool" >/dev/null || { echo "make kind-up: needs $tool" >&2; exit 1; }
done
# Not grep -q: it would close the pipe early, which pipefail takes for a failure.
kind get clusters | grep -x "$name" >/dev/null || kind create cluster --name "$name" --config kind-config.yaml
kubectl config get-contexts "kind-$name" >/dev/null 2>&1 \
  || { echo "make kind-up: this kubeconfig has no context kind-$name; kind export kubeconfig --name $name writes it" >&2; exit 1; }
helm upgrade --install keda keda --repo https://kedacore.github.io/charts --version 2.20.2 \
  --kube-context "kind-$name" --namespace keda --create-namespace --wait
