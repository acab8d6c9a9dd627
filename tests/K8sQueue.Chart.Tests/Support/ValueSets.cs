namespace K8sQueue.Chart.Tests.Support;

/// <summary>The matrix: values that people may give, each exercising another part of the chart.</summary>
internal static class ValueSets
{
    /// <summary>Good names that YAML reads as numbers and flags where a template does not quote them.</summary>
    public const string LikeNumbers = "names like numbers and flags";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["defaults"] = "{}",
        ["one replica, no policy, definitions not kept"] = """
            operator: {replicas: 1, podDisruptionBudget: {enabled: false}}
            admissionPolicy: {enabled: false}
            crds: {keep: false}
            rbac: {aggregateRoles: false}
            """,
        ["only some namespaces"] = """
            operator: {watchNamespaces: [shop, billing]}
            """,
        ["a second operator"] = """
            crds: {enabled: false}
            fullnameOverride: team-a
            operator: {watchNamespaces: [shop], serviceAccount: {name: somebody, annotations: {example.com/role: a}}}
            admissionPolicy: {operators: ["system:serviceaccount:team-b:operator"]}
            """,
        ["push, telemetry, monitors"] = """
            operator: {push: {enabled: true, port: 9444}, podMonitor: {enabled: true, labels: {release: prometheus}}}
            api: {enabled: true, podMonitor: {enabled: true, interval: 10s}, tls: {secretName: api-tls}, redis: {address: "redis:6379"}}
            otlp: {endpoint: "http://collector:4317"}
            """,
        ["API with a Redis of its own"] = """
            api:
              enabled: true
              redis:
                address: redis.data:6380
                database: 3
                tls: true
                passwordSecret: {name: redis-password, key: pass}
                caSecret: {name: redis-ca}
              auth: {keysSecret: {name: keys, key: list}}
              dashboard: {secret: {name: logins, key: protection}}
              routes: {image.resize: images, "*": default}
              durability: fsync
              service: {type: LoadBalancer, port: 80, annotations: {a: b}}
              terminationGracePeriodSeconds: 3620
              extraEnv:
              - {name: K8SQUEUE_MAX_PAYLOAD_BYTES, value: "2097152"}
              - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: a, optional: true}}}
            test:
              keySecret: {name: keys, key: plain}
              timeoutSeconds: 30
              extraEnv: [{name: A, value: b}]
              nodeSelector: {kubernetes.io/os: linux}
              tolerations: [{key: system, operator: Exists, effect: NoSchedule}]
              affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
              priorityClassName: system-cluster-critical
            """,
        ["API with a cache and limits"] = """
            api:
              enabled: true
              redis: {address: "redis:6379"}
              cache: {redis: {address: "cache.data:6380", database: 2, tls: true, passwordSecret: {name: cache-password, key: pass}, caSecret: {name: cache-ca}}}
              rateLimits: {keyPerSecond: 1000000, keyBurst: 10000000, addressPerSecond: 0, withoutCache: closed}
              trustedProxies: [10.0.0.0/8, "2001:db8::7"]
            """,
        ["API with OpenID Connect"] = """
            api:
              enabled: true
              redis: {address: "redis:6379"}
              auth:
                oidc:
                  issuer: https://login.example.com/realms/shop
                  audience: k8squeue
                  claim: realm_access.roles
                  grants: {queue-admins: "*", shop: "verbs=enqueue;queues=orders-*"}
                  tenantClaim: org
                  clientId: dashboard
                  clientSecret: {name: dashboard-client, key: s}
              dashboard: {url: "https://queue.example.com"}
              extraVolumes: [{name: issuer-ca, configMap: {name: issuer-ca}}, {name: postgres, secret: {secretName: postgres}}]
              extraVolumeMounts:
              - {name: issuer-ca, mountPath: /run/issuer-ca, readOnly: true}
              - {name: postgres, mountPath: /run/secrets/postgres, readOnly: true}
              extraEnv:
              - {name: SSL_CERT_FILE, value: /run/issuer-ca/ca.crt}
              - {name: K8SQUEUE_POSTGRES_CONNECTION_FILE, value: /run/secrets/postgres/connection}
            """,
        ["API with the development Redis"] = """
            api: {enabled: true, replicas: 1}
            redis: {enabled: true}
            """,
        ["the development Redis, otherwise"] = """
            api: {enabled: true}
            test: {enabled: false}
            redis:
              enabled: true
              image: {repository: registry.example.com/valkey/valkey, tag: 8.1-alpine}
              passwordSecret: {name: mine, key: pw}
              appendfsync: always
              maxMemory: 1gb
              persistence: {enabled: false}
              nodeSelector: {disk: ssd}
            """,
        ["a claim that is there"] = """
            redis: {enabled: true, persistence: {existingClaim: jobs, storageClassName: fast}}
            """,
        ["another registry, digests, placement"] = """
            nameOverride: queue
            commonLabels: {team: platform}
            image: {registry: registry.example.com:5000/mirror, tag: "1.0", pullPolicy: Always, pullSecrets: [{name: pull}]}
            operator:
              image: {digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
              podLabels: {x: "1"}
              podAnnotations: {y: "2"}
              nodeSelector: {kubernetes.io/os: linux}
              tolerations: [{key: system, operator: Exists, effect: NoSchedule}]
              affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
              topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}}]
              priorityClassName: system-cluster-critical
              podDisruptionBudget: {maxUnavailable: 50%}
              resources: {requests: {cpu: 0.5, memory: 1Gi}, limits: {cpu: "2", memory: 1Gi}}
              extraEnv: [{name: HOST_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]
              extraVolumes: [{name: scratch, emptyDir: {sizeLimit: 1Mi}}]
              extraVolumeMounts: [{name: scratch, mountPath: /scratch, subPath: a}]
            """,
        ["the API alone"] = """
            operator: {enabled: false}
            crds: {enabled: false}
            admissionPolicy: {enabled: false}
            rbac: {aggregateRoles: false}
            api: {enabled: true, redis: {address: "redis:6379"}}
            """,
        ["an ingress, and network policies"] = """
            commonLabels: {team: platform}
            api:
              enabled: true
              podLabels: {x: "1"}
              ingress:
                enabled: true
                className: nginx
                host: queue.example.com
                tlsSecretName: queue-tls
                annotations: {nginx.ingress.kubernetes.io/proxy-buffering: "off"}
            redis: {enabled: true, podLabels: {x: "2"}}
            operator: {push: {enabled: true}, podLabels: {x: "3"}}
            networkPolicy:
              enabled: true
              kedaNamespace: autoscaling
              metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
              apiFrom: [{namespaceSelector: {}, podSelector: {matchLabels: {producer: "yes"}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
              redisFrom: [{podSelector: {matchLabels: {app: exporter}}}]
            """,
        ["network policies by default"] = """
            api: {enabled: true, tls: {secretName: api-tls}}
            redis: {enabled: true}
            networkPolicy: {enabled: true}
            """,
        ["an API that looks at some namespaces"] = """
            api: {enabled: true, redis: {address: "redis:6379"}, cluster: {namespaces: [shop, billing]}}
            """,
        ["an API that does not look at the cluster"] = """
            api: {enabled: true, redis: {address: "redis:6379"}, cluster: {enabled: false}}
            """,
        ["a team's operator, whose rights somebody else gives it"] = """
            crds: {enabled: false}
            admissionPolicy: {enabled: false}
            rbac: {create: false}
            operator: {watchNamespaces: [shop]}
            api: {enabled: true, redis: {address: "redis:6379"}}
            """,
        [LikeNumbers] = """
            image: {pullSecrets: [{name: "1"}]}
            operator:
              watchNamespaces: ["123"]
              serviceAccount: {name: "1"}
              priorityClassName: "1"
              push: {enabled: true}
              podMonitor: {enabled: true}
            api:
              enabled: true
              redis: {address: "redis:6379", tls: true, passwordSecret: {name: "1", key: "on"}, caSecret: {name: "2", key: "1"}}
              cache: {redis: {address: "cache:6379", tls: true, passwordSecret: {name: "0x1", key: "1"}, caSecret: {name: "1e3", key: "yes"}}}
              auth:
                keysSecret: {name: "on", key: "1"}
                oidc: {issuer: "https://login.example.com", clientId: "1", clientSecret: {name: "no", key: "null"}}
              dashboard: {secret: {name: "true", key: "1"}}
              cluster: {namespaces: ["123"]}
              tls: {secretName: "12"}
              ingress: {enabled: true, host: "1", className: "1", tlsSecretName: "1"}
              serviceAccount: {name: "2"}
            redis: {enabled: true, passwordSecret: {name: "1", key: "on"}, persistence: {storageClassName: "1"}}
            networkPolicy: {enabled: true, kedaNamespace: "42"}
            test: {keySecret: {name: "1", key: "1"}}
            connectionBudgets:
              "1": {namespace: "123", spec: {capacity: 200}}
            workerPools:
              "2":
                namespace: "123"
                spec:
                  queues: [{name: emails, jobsPerReplica: 20, k8squeue: {redis: {address: "redis:6379"}}}]
                  scaling: {maxReplicas: 50}
                  template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}}
            """,
        ["pools and budgets"] = """
            connectionBudgets:
              orders-db: {namespace: shop, spec: {capacity: 200, reserved: 20}}
            workerPools:
              emails:
                namespace: shop
                labels: {team: mail}
                annotations: {example.com/owner: mail}
                spec:
                  queues: [{name: emails, jobsPerReplica: 20, k8squeue: {redis: {address: "redis:6379"}}}]
                  scaling: {maxReplicas: 50}
                  connections: [{budget: orders-db, perReplica: 10}]
                  template: {spec: {containers: [{name: worker, image: "ghcr.io/acme/emails:1.4"}]}}
            """,
    };

    public static TheoryData<string> Names => [.. All.Keys];
}
