{{/* The start of every name: the release's, where it says k8squeue; cut so that what is appended fits. */}}
{{- define "k8squeue.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 44 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 44 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 44 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "k8squeue.operator.name" -}}{{ include "k8squeue.fullname" . }}-operator{{- end -}}
{{- define "k8squeue.api.name" -}}{{ include "k8squeue.fullname" . }}-api{{- end -}}
{{- define "k8squeue.redis.name" -}}{{ include "k8squeue.fullname" . }}-redis{{- end -}}
{{- define "k8squeue.push.name" -}}{{ include "k8squeue.fullname" . }}-push{{- end -}}

{{- define "k8squeue.operator.serviceAccount" -}}
{{- default (include "k8squeue.operator.name" .) .Values.operator.serviceAccount.name -}}
{{- end -}}

{{- define "k8squeue.api.serviceAccount" -}}
{{- default (include "k8squeue.api.name" .) .Values.api.serviceAccount.name -}}
{{- end -}}

{{/* Labels that never change: (list . "operator") */}}
{{- define "k8squeue.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: k8squeue-{{ index . 1 }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
{{- end -}}

{{/* All labels: (list . "operator") */}}
{{- define "k8squeue.labels" -}}
{{- $root := index . 0 -}}
{{ include "k8squeue.selector" . }}
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/part-of: k8squeue
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: a new version of the chart alone restarts none. (list . "operator" .Values.operator) */}}
{{- define "k8squeue.podLabels" -}}
{{- $root := index . 0 -}}
{{- $values := index . 2 -}}
{{ include "k8squeue.selector" (list $root (index . 1)) }}
app.kubernetes.io/component: {{ index . 1 }}
app.kubernetes.io/part-of: k8squeue
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with $values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image of ours: (list . .Values.operator.image) */}}
{{- define "k8squeue.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $name := printf "%s/%s" $root.Values.image.registry $image.repository -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (coalesce $image.tag $root.Values.image.tag $root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The restricted Pod Security Standard; 1654 is the user of .NET's images. */}}
{{- define "k8squeue.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "k8squeue.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Where the pods of a component go: (list . "operator" .Values.operator) */}}
{{- define "k8squeue.placement" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := index . 2 -}}
{{- with $values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- if hasKey $values "topologySpreadConstraints" }}
topologySpreadConstraints:
{{- with $values.topologySpreadConstraints }}
{{ toYaml . }}
{{- else }}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{ include "k8squeue.selector" (list $root $component) | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* host:port of the queue's Redis: the address given, or the development one's. */}}
{{- define "k8squeue.redis.address" -}}
{{- default (printf "%s.%s:6379" (include "k8squeue.redis.name" .) .Release.Namespace) .Values.api.redis.address -}}
{{- end -}}

{{/* The Secret with the development Redis's password. */}}
{{- define "k8squeue.redis.secret" -}}
{{- default (include "k8squeue.redis.name" .) .Values.redis.passwordSecret.name -}}
{{- end -}}

{{/* The Secret with the password of the Redis that the API uses; empty for none. */}}
{{- define "k8squeue.api.redisSecret" -}}
{{- if .Values.api.redis.passwordSecret.name -}}
{{- .Values.api.redis.passwordSecret.name -}}
{{- else if and .Values.redis.enabled (not .Values.api.redis.address) -}}
{{- include "k8squeue.redis.secret" . -}}
{{- end -}}
{{- end -}}

{{- define "k8squeue.api.redisSecretKey" -}}
{{- ternary .Values.api.redis.passwordSecret.key .Values.redis.passwordSecret.key (ne .Values.api.redis.passwordSecret.name "") -}}
{{- end -}}

{{/* The Secret with the API's keys file. */}}
{{- define "k8squeue.api.dashboardSecret" -}}
{{- default (printf "%s-dashboard" (include "k8squeue.api.name" .)) .Values.api.dashboard.secret.name -}}
{{- end -}}

{{- define "k8squeue.api.keysSecret" -}}
{{- default (printf "%s-keys" (include "k8squeue.api.name" .)) .Values.api.auth.keysSecret.name -}}
{{- end -}}

{{/* How a program of ours reaches the queue. */}}
{{- define "k8squeue.redis.env" -}}
- name: K8SQUEUE_REDIS_ADDRESS
  value: {{ include "k8squeue.redis.address" . | quote }}
{{- with .Values.api.redis.database }}
- name: K8SQUEUE_REDIS_DATABASE
  value: {{ . | quote }}
{{- end }}
{{- if .Values.api.redis.tls }}
- name: K8SQUEUE_REDIS_TLS
  value: "true"
{{- end }}
{{- if include "k8squeue.api.redisSecret" . }}
- name: K8SQUEUE_REDIS_PASSWORD_FILE
  value: /run/secrets/redis/password
{{- end }}
{{- if .Values.api.redis.caSecret.name }}
- name: K8SQUEUE_REDIS_CA_FILE
  value: /run/secrets/redis-ca/ca.crt
{{- end }}
{{- end -}}

{{- define "k8squeue.redis.mounts" -}}
{{- if include "k8squeue.api.redisSecret" . }}
- {name: redis, mountPath: /run/secrets/redis, readOnly: true}
{{- end }}
{{- if .Values.api.redis.caSecret.name }}
- {name: redis-ca, mountPath: /run/secrets/redis-ca, readOnly: true}
{{- end }}
{{- end -}}

{{- define "k8squeue.redis.volumes" -}}
{{- if include "k8squeue.api.redisSecret" . }}
- name: redis
  secret:
    secretName: {{ include "k8squeue.api.redisSecret" . | quote }}
    items: [{key: {{ include "k8squeue.api.redisSecretKey" . | quote }}, path: password}]
{{- end }}
{{- with .Values.api.redis.caSecret }}
{{- if .name }}
- name: redis-ca
  secret:
    secretName: {{ .name | quote }}
    items: [{key: {{ .key | quote }}, path: ca.crt}]
{{- end }}
{{- end }}
{{- end -}}

{{/* The cache, and the limits of requests that are kept in it. */}}
{{- define "k8squeue.cache.env" -}}
{{- $cache := .Values.api.cache.redis -}}
{{- if $cache.address }}
- name: K8SQUEUE_CACHE_REDIS_ADDRESS
  value: {{ $cache.address | quote }}
{{- with $cache.database }}
- name: K8SQUEUE_CACHE_REDIS_DATABASE
  value: {{ . | quote }}
{{- end }}
{{- if $cache.tls }}
- name: K8SQUEUE_CACHE_REDIS_TLS
  value: "true"
{{- end }}
{{- if $cache.passwordSecret.name }}
- name: K8SQUEUE_CACHE_REDIS_PASSWORD_FILE
  value: /run/secrets/cache/password
{{- end }}
{{- if $cache.caSecret.name }}
- name: K8SQUEUE_CACHE_REDIS_CA_FILE
  value: /run/secrets/cache-ca/ca.crt
{{- end }}
{{- with .Values.api.rateLimits }}
- name: K8SQUEUE_RATE_LIMIT_KEY_PER_SECOND
  value: {{ int .keyPerSecond | quote }}
- name: K8SQUEUE_RATE_LIMIT_KEY_BURST
  value: {{ int .keyBurst | quote }}
- name: K8SQUEUE_RATE_LIMIT_ADDRESS_PER_SECOND
  value: {{ int .addressPerSecond | quote }}
- name: K8SQUEUE_RATE_LIMIT_ADDRESS_BURST
  value: {{ int .addressBurst | quote }}
- name: K8SQUEUE_RATE_LIMIT_WITHOUT_CACHE
  value: {{ .withoutCache }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "k8squeue.cache.mounts" -}}
{{- with .Values.api.cache.redis }}
{{- if and .address .passwordSecret.name }}
- {name: cache, mountPath: /run/secrets/cache, readOnly: true}
{{- end }}
{{- if and .address .caSecret.name }}
- {name: cache-ca, mountPath: /run/secrets/cache-ca, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{- define "k8squeue.cache.volumes" -}}
{{- with .Values.api.cache.redis }}
{{- if and .address .passwordSecret.name }}
- name: cache
  secret:
    secretName: {{ .passwordSecret.name | quote }}
    items: [{key: {{ .passwordSecret.key | quote }}, path: password}]
{{- end }}
{{- if and .address .caSecret.name }}
- name: cache-ca
  secret:
    secretName: {{ .caSecret.name | quote }}
    items: [{key: {{ .caSecret.key | quote }}, path: ca.crt}]
{{- end }}
{{- end }}
{{- end -}}

{{/* Whose tokens and logins the API takes beside keys. */}}
{{- define "k8squeue.oidc.env" -}}
{{- with .Values.api.auth.oidc }}
{{- if .issuer }}
- name: K8SQUEUE_OIDC_ISSUER
  value: {{ .issuer | quote }}
{{- with .audience }}
- name: K8SQUEUE_OIDC_AUDIENCE
  value: {{ . | quote }}
{{- end }}
- name: K8SQUEUE_OIDC_CLAIM
  value: {{ .claim | quote }}
{{- with .grants }}
- name: K8SQUEUE_OIDC_GRANTS
  value: {{ toJson . | quote }}
{{- end }}
{{- with .tenantClaim }}
- name: K8SQUEUE_OIDC_TENANT_CLAIM
  value: {{ . | quote }}
{{- end }}
- name: K8SQUEUE_OIDC_CLOCK_SKEW_SECONDS
  value: {{ int .clockSkewSeconds | quote }}
{{- if .clientId }}
- name: K8SQUEUE_OIDC_CLIENT_ID
  value: {{ .clientId | quote }}
- name: K8SQUEUE_OIDC_LOGIN_SCOPES
  value: {{ .loginScopes | quote }}
{{- if .clientSecret.name }}
- name: K8SQUEUE_OIDC_CLIENT_SECRET_FILE
  value: /run/secrets/oidc/client-secret
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The namespaces that the API looks at, a list in JSON; empty for all. */}}
{{- define "k8squeue.api.namespaces" -}}
{{- toJson (default .Values.operator.watchNamespaces .Values.api.cluster.namespaces) -}}
{{- end -}}

{{/* What a Secret of this release already holds, so that an upgrade keeps it: (list . NAME KEY) */}}
{{- define "k8squeue.kept" -}}
{{- $root := index . 0 -}}
{{- with lookup "v1" "Secret" $root.Release.Namespace (index . 1) -}}
{{- with .data -}}
{{- get . (index $ 2) | b64dec -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The user names that may take the gate off, as a list in CEL. */}}
{{- define "k8squeue.operators" -}}
{{- $users := .Values.admissionPolicy.operators -}}
{{- if .Values.operator.enabled -}}
{{- $users = prepend $users (printf "system:serviceaccount:%s:%s" .Release.Namespace (include "k8squeue.operator.serviceAccount" .)) -}}
{{- end -}}
['{{ join "', '" $users }}']
{{- end -}}
