using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.Chart.Tests;

/// <summary>values.schema.json: a typo is refused where it stands, by name.</summary>
public sealed class ValuesSchemaTests
{
    private static readonly string SchemaFile = Path.Combine(Helm.Chart, "values.schema.json");

    [Theory]
    [InlineData("operater: {}", "'operater' not allowed")]
    [InlineData("operator: {replica: 2}", "'replica' not allowed")]
    [InlineData("operator: {replicas: '2'}", "got string, want integer")]
    [InlineData("operator: {replicas: 11}", "/operator/replicas")]
    [InlineData("operator: {workers: 0}", "/operator/workers")]
    [InlineData("operator: {watchNamespaces: shop}", "want array")]
    [InlineData("operator: {watchNamespaces: [Shop]}", "/operator/watchNamespaces/0")]
    [InlineData("operator: {push: {enabled: yes please}}", "/operator/push/enabled")]
    [InlineData("operator: {push: {port: 80}}", "/operator/push/port")]
    [InlineData("operator: {resources: {limit: {memory: 1Gi}}}", "'limit' not allowed")]
    [InlineData("operator: {resources: {limits: {memory: 1GB}}}", "/operator/resources/limits/memory")]
    [InlineData("operator: {tolerations: [{keys: a}]}", "'keys' not allowed")]
    [InlineData("operator: {affinity: {nodeAfinity: {}}}", "'nodeAfinity' not allowed")]
    [InlineData("operator: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone}]}", "whenUnsatisfiable")]
    [InlineData("operator: {extraEnv: [{name: A, valueForm: {}}]}", "'valueForm' not allowed")]
    [InlineData("operator: {extraEnv: [{name: A, valueFrom: {secretKeyRef: {name: a}}}]}", "key")]
    [InlineData("operator: {extraVolumes: [{name: a, hostPath: {path: /}}]}", "'hostPath' not allowed")]
    [InlineData("operator: {image: {digest: latest}}", "/operator/image/digest")]
    [InlineData("operator: {podDisruptionBudget: {maxUnavailable: 0}}", "/operator/podDisruptionBudget/maxUnavailable")]
    [InlineData("api: {auth: {keySecret: {name: a}}}", "'keySecret' not allowed")]
    [InlineData("api: {redis: {adress: 'a:1'}}", "'adress' not allowed")]
    [InlineData("api: {redis: {address: 'redis://a:1'}}", "/api/redis/address")]
    [InlineData("api: {redis: {address: redis}}", "/api/redis/address")]
    [InlineData("api: {rateLimits: {keyPerMinute: 1}}", "'keyPerMinute' not allowed")]
    [InlineData("api: {rateLimits: {withoutCache: ajar}}", "/api/rateLimits/withoutCache")]
    [InlineData("api: {cache: {redis: {address: cache}}}", "/api/cache/redis/address")]
    [InlineData("api: {trustedProxies: [ingress]}", "/api/trustedProxies/0")]
    [InlineData("api: {auth: {oidc: {issuer: login.example.com}}}", "/api/auth/oidc/issuer")]
    [InlineData("api: {auth: {oidc: {grants: {a: 1}}}}", "/api/auth/oidc/grants/a")]
    [InlineData("api: {auth: {oidc: {loginScopes: profile}}}", "/api/auth/oidc/loginScopes")]
    [InlineData("api: {extraVolumes: [{name: a}]}", "/api/extraVolumes/0")]
    [InlineData("api: {extraVolumes: [{name: A, emptyDir: {}}]}", "/api/extraVolumes/0/name")]
    [InlineData("api: {extraVolumeMounts: [{name: a, mountPath: ca}]}", "/api/extraVolumeMounts/0/mountPath")]
    [InlineData("api: {terminationGracePeriodSeconds: 5}", "/api/terminationGracePeriodSeconds")]
    [InlineData("api: {durability: maybe}", "/api/durability")]
    [InlineData("api: {cluster: {namespace: shop}}", "'namespace' not allowed")]
    [InlineData("api: {cluster: {namespaces: [Shop]}}", "/api/cluster/namespaces/0")]
    [InlineData("api: {service: {type: Ingress}}", "/api/service/type")]
    [InlineData("api: {routes: {a: 1}}", "/api/routes/a")]
    [InlineData("redis: {appendfsync: 'no'}", "/redis/appendfsync")]
    [InlineData("redis: {maxMemory: lots}", "/redis/maxMemory")]
    [InlineData("redis: {persistence: {storageClass: fast}}", "'storageClass' not allowed")]
    [InlineData("admissionPolicy: {operators: [\"x'] || true || ['\"]}", "/admissionPolicy/operators/0")]
    [InlineData("networkPolicy: {kedaNamespace: ''}", "/networkPolicy/kedaNamespace")]
    [InlineData("rbac: {creat: false}", "'creat' not allowed")]
    [InlineData("crds: {install: true}", "'install' not allowed")]
    [InlineData("image: {pullPolicy: Sometimes}", "/image/pullPolicy")]
    [InlineData("otlp: {endpoint: collector}", "/otlp/endpoint")]
    [InlineData("workerPools: {emails: {}}", "spec")]
    [InlineData("workerPools: {emails: {spec: {}, label: {}}}", "'label' not allowed")]
    [InlineData("workerPools: {Emails: {spec: {}}}", "Emails")]
    [InlineData("test: {timeoutSeconds: 1}", "/test/timeoutSeconds")]
    public async Task A_wrong_value_is_refused(string values, string because) =>
        (await Helm.TemplateAsync(values)).Failed().Should().Contain("values don't meet the specifications").And.Contain(because);

    [Fact]
    public async Task A_chart_that_contains_this_one_may_have_global_values() =>
        (await Helm.TemplateAsync("global: {imageRegistry: x}")).Succeeded();

    [Fact]
    public void Every_object_of_the_schema_lists_its_members_or_says_of_what_kind_they_are()
    {
        // What the API server knows better: the three affinities, the sources of volumes, the specs of pools and budgets, and the peers of network policies.
        // And what is not ours: global.
        Open(Schema(), "").Should().BeEquivalentTo(
            "/global", "/definitions/affinity/nodeAffinity", "/definitions/affinity/podAffinity", "/definitions/affinity/podAntiAffinity",
            "/definitions/volumes[]/configMap", "/definitions/volumes[]/csi", "/definitions/volumes[]/downwardAPI", "/definitions/volumes[]/emptyDir",
            "/definitions/volumes[]/ephemeral", "/definitions/volumes[]/persistentVolumeClaim", "/definitions/volumes[]/projected", "/definitions/volumes[]/secret",
            "/definitions/customResources/*/spec",
            "/definitions/networkPeers[]/podSelector", "/definitions/networkPeers[]/namespaceSelector", "/definitions/networkPeers[]/ipBlock");
    }

    [Fact]
    public void The_schema_and_the_defaults_have_the_same_members()
    {
        var defaults = (JsonObject)YamlReader.ReadAll(File.ReadAllText(Path.Combine(Helm.Chart, "values.yaml"))).Single();

        Compare(Schema(), defaults, "").Should().BeEmpty();
    }

    private static JsonObject Schema() => (JsonObject)JsonNode.Parse(File.ReadAllText(SchemaFile))!;

    private static IEnumerable<string> Open(JsonObject schema, string path)
    {
        if ((string?)schema["type"] == "object" && schema["additionalProperties"] is null)
            yield return path;
        var members = (schema.MapAt("properties") ?? []).Select(member => (member.Value, Path: $"{path}/{member.Key}"))
            .Concat((schema.MapAt("definitions") ?? []).Select(member => (member.Value, Path: $"{path}/definitions/{member.Key}")))
            .Append((Value: schema["additionalProperties"], Path: $"{path}/*"))
            .Append((Value: schema["items"], Path: $"{path}[]"));
        foreach (var (value, at) in members)
        {
            foreach (var open in value is JsonObject map ? Open(map, at) : [])
                yield return open;
        }
    }

    private static IEnumerable<string> Compare(JsonObject schema, JsonObject defaults, string path)
    {
        if (schema.TextAt("$ref") is { } reference)
            schema = Schema().MapAt("definitions", reference.Split('/')[^1])!;
        if (schema.MapAt("properties") is not { } properties)
            yield break;
        foreach (var name in properties.Select(member => member.Key).Where(name => name != "global" && !IsOfPod(path, name)))
        {
            if (!defaults.ContainsKey(name))
                yield return $"{path}/{name} has no default";
            else if (defaults[name] is JsonObject inner && inner.Count > 0)
            {
                foreach (var fault in Compare((JsonObject)properties[name]!, inner, $"{path}/{name}"))
                    yield return fault;
            }
        }
    }

    // Of a definition that is Kubernetes' own, nobody wants every member.
    private static bool IsOfPod(string path, string name) => path.EndsWith("/resources", StringComparison.Ordinal) && name == "claims";
}
