#!/usr/bin/env bash
# Renders deploy/*.yaml and deploy/operator/ from the chart, and copies crds/ into it. Run it after a change of either; a test fails on drift.
# usage: eng/manifests.sh [ROOT]   ROOT: where deploy/ and charts/ are written; the repository by default
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-.}
helm=${K8SQUEUE_HELM:-helm}
command -v "$helm" >/dev/null || { echo "make manifests: helm is missing; make tools installs it, or name it in K8SQUEUE_HELM" >&2; exit 1; }

chart=charts/k8squeue
namespace=k8squeue-system

mkdir -p "$root/$chart/files/crds" "$root/deploy/operator/namespaced"
rm -f "$root/$chart"/files/crds/*.yaml
cp crds/*.yaml "$root/$chart/files/crds/"

# What only Helm reads is left out, and so are the comments that say where a template is.
render() {
  "$helm" template k8squeue "$chart" --namespace "$namespace" --set crds.keep=false,redis.persistence.keep=false "$@" |
    sed -e '/^# Source: /d' -e '/^ *helm\.sh\/chart: /d' -e '/^ *app\.kubernetes\.io\/managed-by: Helm$/d' -e 's/ *$//'
}

only() {
  local template=$1
  shift
  render --show-only "templates/$template.yaml" "$@"
}

namespace() {
  cat <<END
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels:
    pod-security.kubernetes.io/enforce: restricted
END
}

write() {
  { printf '# Rendered from %s by make manifests: do not edit. %s\n' "$chart" "$2"; cat; } >"$root/deploy/$1"
}

only crds | write crds.yaml "Both definitions: kubectl apply --server-side -f this."

{ namespace; render; } | write install.yaml "Definitions, operator, admission policies: kubectl apply --server-side -f this."

# The Secrets are made by hand: docs/how-to/install.md.
render --set crds.enabled=false,operator.enabled=false,admissionPolicy.enabled=false,rbac.aggregateRoles=false \
  --set api.enabled=true,api.auth.keysSecret.name=k8squeue-api-keys,api.dashboard.secret.name=k8squeue-dashboard --set redis.enabled=true,redis.passwordSecret.name=k8squeue-redis \
  --set test.enabled=false | write api.yaml "The API and a Redis to try it out, after install.yaml and the three Secrets that it names."

# The operator's rights and the policies alone, in parts.
{ namespace; only operator/serviceaccount; only operator/leader-role; } | write operator/10-identity.yaml "Who the operator is."
only operator/cluster-role | write operator/20-cluster-role.yaml "Its rights everywhere."
only operator/node-reader | write operator/25-node-reader.yaml "May be left out."
only admission-policy | write operator/30-admission-policy.yaml "Taking the gate off a pod is the operator's alone."
only operator/namespace-roles --set 'operator.watchNamespaces={watched}' | sed '/^  namespace: "watched"$/d' |
  write operator/namespaced/20-role.yaml "In place of the ClusterRole, in each namespace of K8SQUEUE_WATCH_NAMESPACES: kubectl apply -n NAMESPACE -f this."
