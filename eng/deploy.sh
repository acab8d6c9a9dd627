#!/usr/bin/env bash
# Installs the chart into the current kubeconfig's cluster, with the images of this machine where that is kind. usage: eng/deploy.sh REGISTRY TAG KIND_CLUSTER [HELM ARGUMENT ...]
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1:?registry} tag=${2:?tag} name=${3:?cluster name}
shift 3
command -v helm >/dev/null || { echo "make deploy: helm is missing; make tools installs it" >&2; exit 1; }
if [ "$(kubectl config current-context)" = "kind-$name" ]; then
  for image in operator worker api database-worker; do kind load docker-image --name "$name" "$registry/$image:$tag"; done
fi
helm upgrade --install k8squeue charts/k8squeue --namespace k8squeue-system --create-namespace \
  --set image.registry="$registry",image.tag="$tag" --wait "$@"
