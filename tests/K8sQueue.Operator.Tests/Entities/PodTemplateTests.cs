using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Entities;

public sealed class PodTemplateTests
{
    [Fact]
    public void Fields_that_the_schema_does_not_declare_come_back_as_they_were()
    {
        const string Json = """
            {"containers":[{"name":"worker","image":"acme/worker","imagePullPolicy":"Always","env":[{"name":"A","value":"b"}]}],"restartPolicy":"Always","volumes":[]}
            """;
        var typeInfo = OperatorJson.Options.TypeInfo<V1Alpha1WorkerPool>();
        var pool = JsonSerializer.Deserialize("{\"spec\":{\"template\":{\"spec\":" + Json + "}}}", typeInfo)!;

        var written = JsonNode.Parse(JsonSerializer.Serialize(pool, typeInfo))!["spec"]!["template"]!["spec"];

        JsonNode.DeepEquals(written, JsonNode.Parse(Json)).Should().BeTrue($"it was written as {written}");
    }
}
