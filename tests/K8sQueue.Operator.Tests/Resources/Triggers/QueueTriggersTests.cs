using System.Text.RegularExpressions;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Resources.Triggers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Resources.Triggers;

public sealed partial class QueueTriggersTests
{
    public static TheoryData<string> Kinds => [.. QueueKinds.All.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_becomes_these_triggers_and_this_authentication(string kind)
    {
        var pool = Samples.Pool(change: spec => spec.Queues = [QueueKinds.Of(kind)]);

        Golden.Verify(
            new System.Text.Json.Nodes.JsonObject
            {
                ["triggers"] = OperatorJson.ToObject(ScaledObjectBuilder.Build(pool))["spec"]!["triggers"]!.DeepClone(),
                ["formula"] = ScaledObjectBuilder.Build(pool).Spec.Advanced!.ScalingModifiers!.Formula,
                ["authentication"] = TriggerAuthenticationBuilder.Build(pool) is [var made] ? OperatorJson.ToObject(made)["spec"]!.DeepClone() : null,
            },
            $"queue-{kind}");
    }

    [Theory]
    [InlineData("bullmq", "True", "InFlightCounted")]
    [InlineData("celery", "False", "SharedUnacked")]
    [InlineData("celery-own", "True", "InFlightCounted")]
    [InlineData("sidekiq", "False", "InFlightNotCounted")]
    [InlineData("redislist", "False", "InFlightNotCounted")]
    [InlineData("redislist-inflight", "True", "InFlightCounted")]
    [InlineData("redisstream", "True", "InFlightCounted")]
    [InlineData("redisstream-group", "True", "InFlightCounted")]
    [InlineData("rabbitmq", "True", "InFlightCounted")]
    [InlineData("rabbitmq-amqp", "False", "AmqpProtocol")]
    [InlineData("postgresql", "True", "InFlightCounted")]
    [InlineData("postgresql-connection", "Unknown", "QueryUndeclared")]
    [InlineData("kafka", "True", "InFlightCounted")]
    [InlineData("sqs", "True", "InFlightCounted")]
    [InlineData("prometheus", "Unknown", "QueryUndeclared")]
    [InlineData("prometheus-zero", "True", "InFlightCounted")]
    public void A_kind_says_whether_it_counts_what_runs_and_names_the_queue(string kind, string status, string reason)
    {
        var signal = Of(QueueKinds.Of(kind)).Signal;

        (signal.Status, signal.Reason).Should().Be((status, reason));
        if (status != "True")
            signal.Message.Should().StartWith("Queue 'mail'");
    }

    [Fact]
    public void Celery_that_acknowledges_early_is_not_counted_while_it_runs()
    {
        var queue = QueueKinds.Of("celery");
        queue.Celery!.UnackedIsOwn = true;
        var signal = Of(queue).Signal;
        queue.Celery.UnackedIsOwn = false;

        signal.Reason.Should().Be("AcksEarly");
    }

    [Fact]
    public void Two_Celery_queues_of_one_database_count_its_unacknowledged_tasks_once()
    {
        var (first, second) = (QueueKinds.Of("celery-own"), new QueueSpec { Name = "b", JobsPerReplica = 20, Celery = QueueKinds.Of("celery-own").Celery });

        var made = QueueTriggers.OfAll("emails", [first, second], push: null);

        made.Select(queue => queue.Term).Should().Equal("q0_p0 + q0_p5 + q0_unacked", "q1_p0 + q1_p5");
        made.Should().OnlyContain(queue => queue.Signal.Status == "True");
    }

    [Fact]
    public void The_worst_signal_of_several_queues_counts()
    {
        string[] kinds = ["bullmq", "prometheus", "sidekiq", "redislist"];

        var worst = SignalCompleteness.Worst([.. kinds.Select(kind => Of(QueueKinds.Of(kind)).Signal)]);

        worst.Status.Should().Be("False");
        worst.Message.Should().Contain("Sidekiq").And.Contain("inFlightKeys").And.NotContain("query");
        SignalCompleteness.Worst([]).Status.Should().Be("True");
    }

    [Fact]
    public void Sixteen_queues_of_mixed_kinds_have_triggers_of_distinct_names_that_a_formula_can_speak_of()
    {
        var queues = QueueKinds.All.Keys.Take(16).Select(QueueKinds.Of).ToList();
        var pool = Samples.Pool(change: spec => spec.Queues = queues);

        var scaledObject = ScaledObjectBuilder.Build(pool).Spec;

        var names = scaledObject.Triggers.ConvertAll(trigger => trigger.Name!);
        names.Should().OnlyHaveUniqueItems().And.OnlyContain(name => Identifier().IsMatch(name));
        foreach (var name in names)
            scaledObject.Advanced!.ScalingModifiers!.Formula.Should().MatchRegex($@"\b{name}\b");
        scaledObject.Triggers.Should().OnlyContain(trigger => trigger.Metadata.Values.All(value => value.Length > 0));
    }

    [Fact]
    public void A_queue_whose_kind_an_older_CRD_left_out_has_no_triggers_and_says_so()
    {
        var made = Of(new QueueSpec { Name = "mail", JobsPerReplica = 1 });

        made.Triggers.Should().BeEmpty();
        made.Signal.Message.Should().Contain("'mail'").And.Contain("CRDs");
    }

    [Fact]
    public void No_secret_value_or_user_is_in_a_trigger()
    {
        foreach (var kind in QueueKinds.All.Keys)
        {
            foreach (var trigger in Of(QueueKinds.Of(kind)).Triggers)
                trigger.Metadata.Keys.Should().NotContain(["password", "username", "connection", "awsSecretAccessKey", "bearerToken"]);
        }
    }

    private static QueueTriggers Of(QueueSpec queue) => QueueTriggers.OfAll("emails", [queue], push: null)[0];

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex Identifier();
}
