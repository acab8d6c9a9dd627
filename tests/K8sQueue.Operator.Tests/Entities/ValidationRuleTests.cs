using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities.Validation;

namespace K8sQueue.Operator.Tests.Entities;

/// <summary>Each rule's answers.</summary>
public sealed class ValidationRuleTests
{
    private const string LongName = "a123456789b123456789c123456789d123456789e12345";

    [Theory]
    [InlineData("metadata.name is at most 45", """{"metadata":{"name":"emails"}}""", true)]
    [InlineData("metadata.name is at most 45", """{"metadata":{"name":"a123456789b123456789c123456789d123456789e1234"}}""", true)]
    [InlineData("metadata.name is at most 45", "{\"metadata\":{\"name\":\"" + LongName + "\"}}", false)]
    [InlineData("metadata.name is at most 63", "{\"metadata\":{\"name\":\"" + LongName + "\"}}", true)]
    [InlineData("metadata.name is at most 63", "{\"metadata\":{\"name\":\"" + LongName + LongName + "\"}}", false)]
    [InlineData("queues: either", """{"queues":[{"jobsPerReplica":1},{"jobsPerReplica":2}]}""", true)]
    [InlineData("queues: either", """{"queues":[{},{}]}""", true)]
    [InlineData("queues: either", """{"queues":[{"jobsPerReplica":1},{}]}""", false)]
    [InlineData("queues: a worker reads one Redis", """{"queues":[{"k8squeue":{"redis":{"address":"a:1"}}},{"keda":{}},{"k8squeue":{"redis":{"address":"a:1"}}}]}""", true)]
    [InlineData("queues: a worker reads one Redis", """{"queues":[{"keda":{}}]}""", true)]
    [InlineData("queues: a worker reads one Redis", """{"queues":[{"k8squeue":{"redis":{"address":"a:1"}}},{"k8squeue":{"redis":{"address":"b:1"}}}]}""", false)]
    [InlineData("queues: a worker reads one Redis", """{"queues":[{"k8squeue":{"redis":{"address":"a:1","database":0}}},{"k8squeue":{"redis":{"address":"a:1","database":1}}}]}""", false)]
    [InlineData("a queue is of exactly one kind", """{"k8squeue":{}}""", true)]
    [InlineData("a queue is of exactly one kind", """{"keda":{}}""", true)]
    [InlineData("a queue is of exactly one kind", """{}""", false)]
    [InlineData("a queue is of exactly one kind", """{"k8squeue":{},"keda":{}}""", false)]
    [InlineData("a queue is of exactly one kind", """{"sqs":{}}""", true)]
    [InlineData("a queue is of exactly one kind", """{"bullmq":{},"celery":{},"redisList":{}}""", false)]
    [InlineData("redisList: key and inFlightKeys", """{"key":"a"}""", true)]
    [InlineData("redisList: key and inFlightKeys", """{"key":"a","inFlightKeys":[]}""", true)]
    [InlineData("redisList: key and inFlightKeys", """{"key":"a","inFlightKeys":["b","c"]}""", true)]
    [InlineData("redisList: key and inFlightKeys", """{"key":"a","inFlightKeys":["b","a"]}""", false)]
    [InlineData("redisList: key and inFlightKeys", """{"key":"a","inFlightKeys":["b","b"]}""", false)]
    [InlineData("every kind of queue but keda", """{"k8squeue":{},"jobsPerReplica":1}""", true)]
    [InlineData("every kind of queue but keda", """{"keda":{}}""", true)]
    [InlineData("every kind of queue but keda", """{"k8squeue":{}}""", false)]
    [InlineData("every kind of queue but keda", """{"redisStream":{}}""", false)]
    [InlineData("celery.acksLate", """{"acksLate":true,"unackedIsOwn":true}""", true)]
    [InlineData("celery.acksLate", """{"acksLate":false,"unackedIsOwn":false}""", true)]
    [InlineData("celery.acksLate", """{"acksLate":true,"unackedIsOwn":false}""", false)]
    [InlineData("rabbitmq: set address", """{"address":"a:1"}""", true)]
    [InlineData("rabbitmq: set address", """{"hostSecretRef":{}}""", true)]
    [InlineData("rabbitmq: set address", """{}""", false)]
    [InlineData("rabbitmq: set address", """{"address":"a:1","hostSecretRef":{}}""", false)]
    [InlineData("rabbitmq: usernameSecretRef", """{}""", true)]
    [InlineData("rabbitmq: usernameSecretRef", """{"usernameSecretRef":{},"passwordSecretRef":{}}""", true)]
    [InlineData("rabbitmq: usernameSecretRef", """{"passwordSecretRef":{}}""", false)]
    [InlineData("postgresql: set address", """{"address":"a:1","database":"d","user":"u"}""", true)]
    [InlineData("postgresql: set address", """{"connectionSecretRef":{}}""", true)]
    [InlineData("postgresql: set address", """{"address":"a:1","user":"u"}""", false)]
    [InlineData("postgresql: set address", """{"connectionSecretRef":{},"passwordSecretRef":{}}""", false)]
    [InlineData("kafka: sasl", """{}""", true)]
    [InlineData("kafka: sasl", """{"sasl":"plaintext","usernameSecretRef":{},"passwordSecretRef":{}}""", true)]
    [InlineData("kafka: sasl", """{"sasl":"plaintext"}""", false)]
    [InlineData("kafka: sasl", """{"usernameSecretRef":{},"passwordSecretRef":{}}""", false)]
    [InlineData("kafka: caSecretRef", """{"tls":true,"caSecretRef":{}}""", true)]
    [InlineData("kafka: caSecretRef", """{"tls":false,"caSecretRef":{}}""", false)]
    [InlineData("sqs: accessKeyIdSecretRef", """{"accessKeyIdSecretRef":{},"secretAccessKeySecretRef":{}}""", true)]
    [InlineData("sqs: accessKeyIdSecretRef", """{"accessKeyIdSecretRef":{}}""", false)]
    [InlineData("sqs: set roleArn", """{"roleArn":"r"}""", true)]
    [InlineData("sqs: set roleArn", """{"roleArn":"r","accessKeyIdSecretRef":{}}""", false)]
    [InlineData("prometheus: set bearerTokenSecretRef", """{"bearerTokenSecretRef":{}}""", true)]
    [InlineData("prometheus: set bearerTokenSecretRef", """{"usernameSecretRef":{},"passwordSecretRef":{}}""", true)]
    [InlineData("prometheus: set bearerTokenSecretRef", """{"usernameSecretRef":{}}""", false)]
    [InlineData("prometheus: set bearerTokenSecretRef", """{"bearerTokenSecretRef":{},"usernameSecretRef":{},"passwordSecretRef":{}}""", false)]
    [InlineData("prometheus: KEDA heeds", """{"caSecretRef":{},"bearerTokenSecretRef":{}}""", true)]
    [InlineData("prometheus: KEDA heeds", """{"caSecretRef":{}}""", false)]
    [InlineData("schedules: start and end", """{"start":"0 8 * * *","end":"0 18 * * *"}""", true)]
    [InlineData("schedules: start and end", """{"start":"0 8 * * *","end":"0 8 * * *"}""", false)]
    [InlineData("schedules: replicas", """{"maxReplicas":3}""", true)]
    [InlineData("schedules: replicas", """{"maxReplicas":3,"schedules":[{"replicas":3}]}""", true)]
    [InlineData("schedules: replicas", """{"maxReplicas":3,"schedules":[{"replicas":3},{"replicas":4}]}""", false)]
    [InlineData("caSecretRef needs", """{"tls":false}""", true)]
    [InlineData("caSecretRef needs", """{"tls":true,"caSecretRef":{}}""", true)]
    [InlineData("caSecretRef needs", """{"tls":false,"caSecretRef":{}}""", false)]
    [InlineData("minReplicas must not", """{"minReplicas":3,"maxReplicas":3}""", true)]
    [InlineData("minReplicas must not", """{"minReplicas":4,"maxReplicas":3}""", false)]
    [InlineData("fallbackReplicas must not", """{"maxReplicas":3}""", true)]
    [InlineData("fallbackReplicas must not", """{"fallbackReplicas":3,"maxReplicas":3}""", true)]
    [InlineData("fallbackReplicas must not", """{"fallbackReplicas":4,"maxReplicas":3}""", false)]
    [InlineData("maxSurge is a number", """{"maxSurge":0}""", true)]
    [InlineData("maxSurge is a number", """{"maxSurge":100000}""", true)]
    [InlineData("maxSurge is a number", """{"maxSurge":"0%"}""", true)]
    [InlineData("maxSurge is a number", """{"maxSurge":"25%"}""", true)]
    [InlineData("maxSurge is a number", """{"maxSurge":"100%"}""", true)]
    [InlineData("maxSurge is a number", """{"maxSurge":-1}""", false)]
    [InlineData("maxSurge is a number", """{"maxSurge":"101%"}""", false)]
    [InlineData("maxSurge is a number", """{"maxSurge":"25"}""", false)]
    [InlineData("maxSurge is a number", """{"maxSurge":"25%\n"}""", false)]
    [InlineData("maxSurge is a number", """{"maxSurge":"-5%"}""", false)]
    [InlineData("labels that start", """{"labels":{"app":"x","k8squeue.iox/y":"z"}}""", true)]
    [InlineData("labels that start", """{}""", true)]
    [InlineData("labels that start", """{"labels":{"k8squeue.io/pool":"x"}}""", false)]
    [InlineData("annotations that start", """{"annotations":{"a":"b"}}""", true)]
    [InlineData("annotations that start", """{"annotations":{"k8squeue.io/charges":"{}"}}""", false)]
    [InlineData("reserved and external", """{"capacity":10,"reserved":0}""", true)]
    [InlineData("reserved and external", """{"postgresql":{},"reserved":10}""", true)]
    [InlineData("a budget needs a capacity", """{"capacity":10}""", true)]
    [InlineData("a budget needs a capacity", """{"redis":{}}""", true)]
    [InlineData("a budget needs a capacity", """{"reserved":1}""", false)]
    [InlineData("a budget is of one server", """{"capacity":10}""", true)]
    [InlineData("a budget is of one server", """{"capacity":10,"rabbitmq":{}}""", true)]
    [InlineData("a budget is of one server", """{"postgresql":{},"redis":{}}""", false)]
    [InlineData("reserved and external", """{"capacity":10,"reserved":4,"external":[{"connections":5}]}""", true)]
    [InlineData("reserved and external", """{"capacity":10,"reserved":10}""", false)]
    [InlineData("reserved and external", """{"capacity":10,"reserved":4,"external":[{"connections":3},{"connections":3}]}""", false)]
    public void A_rule_answers_as_its_message_says(string message, string self, bool holds)
    {
        var rule = ValidationRules.All.Single(rule => rule.Message.StartsWith(message, StringComparison.Ordinal));

        rule.Predicate(JsonNode.Parse(self)!, null).Should().Be(holds);
    }

    [Fact]
    public void Every_rule_has_a_case_of_each_answer()
    {
        var cases = typeof(ValidationRuleTests).GetMethod(nameof(A_rule_answers_as_its_message_says))!
            .GetCustomAttributesData().Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => (IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)
            .Select(values => (Message: (string)values[0].Value!, Holds: (bool)values[2].Value!)).ToList();

        foreach (var rule in ValidationRules.All)
            cases.Where(item => rule.Message.StartsWith(item.Message, StringComparison.Ordinal)).Select(item => item.Holds)
                .Should().Contain([true, false], rule.Message);
    }

    [Fact]
    public void Numbers_of_any_CLR_type_are_read()
    {
        var rule = ValidationRules.All.Single(rule => rule.Message.StartsWith("minReplicas must not", StringComparison.Ordinal));

        rule.Predicate(new JsonObject { ["minReplicas"] = 4, ["maxReplicas"] = 3L }, null).Should().BeFalse();
    }
}
