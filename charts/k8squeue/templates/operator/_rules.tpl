{{/* What the operator may do in the namespaces that it watches. A test compares it with what it does. */}}
{{- define "k8squeue.operator.rules" -}}
# What people write, and its finalizers.
- apiGroups: [k8squeue.io]
  resources: [workerpools, connectionbudgets]
  verbs: [get, list, watch, patch]
- apiGroups: [k8squeue.io]
  resources: [workerpools/status, connectionbudgets/status]
  verbs: [update]
# Where OwnerReferencesPermissionEnforcement runs, owning objects in a pool's name asks for this.
- apiGroups: [k8squeue.io]
  resources: [workerpools/finalizers]
  verbs: [update]
# One Deployment a revision.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
# A scale-in looks whether they have seen what it deleted.
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [list]
# The gate is taken off by patch; a scale-in deletes idle ones.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [keda.sh]
  resources: [scaledobjects, triggerauthentications]
  verbs: [get, list, watch, create, patch, delete]
# What Prometheus reads of pools that ask for it. By name only, and only where there are these kinds.
- apiGroups: [monitoring.coreos.com]
  resources: [podmonitors, prometheusrules]
  verbs: [get, create, patch, delete]
# Whether somebody else scales a pool, too.
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list]
# By name only: no list, no watch.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create]
# KEDA's certificates for push, when they are renewed.
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [k8squeue-push-client]
  verbs: [update]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
