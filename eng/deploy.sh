#!/usr/bin/env bash
# Installs the chart into a context of the kubeconfig, the current one where CONTEXT is empty. Where that is kind, with the images of this machine:
# a changed one restarts what runs the old one, though the tag is the same.
# usage: eng/deploy.sh REGISTRY TAG KIND_CLUSTER CONTEXT [HELM ARGUMENT ...]
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1:?registry} tag=${2:?tag} name=${3:?cluster name} context=${4?context, or an empty one}
shift 4
command -v helm >/dev/null || { echo "make deploy: helm is missing; make tools installs it" >&2; exit 1; }
[ -n "$context" ] || context=$(kubectl config current-context)
echo "make deploy: installs into $context"

id_of() { docker image inspect --format '{{.Id}}' "$registry/$1:$tag"; }

# Pools are people's own, so their workers change by a rollout: an annotation of the template begins one. Running jobs are drained.
restart_pools() {
  local image=$1 id namespace pool images
  id=$(id_of "$image")
  kubectl --context "$context" get workerpools --all-namespaces \
    --output 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.template.spec.containers[*].image}{"\n"}{end}' |
    while read -r namespace pool images; do
      case " $images " in *" $registry/$image:$tag "*) ;; *) continue ;; esac
      kubectl --context "$context" --namespace "$namespace" patch workerpool "$pool" --type merge \
        --patch "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"image-id\":\"$id\"}}}}}" </dev/null
    done
}

if [ "$context" = "kind-$name" ]; then
  for image in operator worker api database-worker; do kind load docker-image --name "$name" "$registry/$image:$tag"; done
  for part in operator api; do set -- --set-string "$part.podAnnotations.image-id=$(id_of "$part")" "$@"; done
fi
helm upgrade --install k8squeue charts/k8squeue --kube-context "$context" --namespace k8squeue-system --create-namespace \
  --set image.registry="$registry",image.tag="$tag" --wait "$@"
if [ "$context" = "kind-$name" ]; then
  for image in worker database-worker; do restart_pools "$image"; done
fi
