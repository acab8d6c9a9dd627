using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class JobTypeRulesTests
{
    private const string Routes = """{"a": "one", "b": "two", "c": "one", "*": "rest"}""";

    [Theory]
    [InlineData("b,a,c", "two,one")]
    [InlineData("a", "one")]
    [InlineData("*", "rest")]
    [InlineData("d", "rest")]
    public void A_worker_reads_the_queues_of_its_types_in_their_order(string types, string queues)
    {
        var options = Options(types, Routes);

        JobTypeRules.FindQueues(options);

        options.Queues.Should().Equal(queues.Split(','));
        JobTypeRules.Faults(options, ["*"]).Should().BeEmpty();
    }

    [Fact]
    public void The_queues_that_it_was_told_stay()
    {
        var options = Options("a,b", Routes, "two", "one");

        JobTypeRules.FindQueues(options);

        options.Queues.Should().Equal("two", "one");
        JobTypeRules.Faults(options, ["a", "b"]).Should().BeEmpty();
    }

    [Theory]
    [InlineData("a", "one,two", "K8SQUEUE_QUEUES: none of K8SQUEUE_JOB_TYPES goes to queue 'two'.")]
    [InlineData("a,b", "one", "K8SQUEUE_JOB_TYPES: 'b' goes to queue 'two', which K8SQUEUE_QUEUES does not name.")]
    [InlineData("a,z", "one,rest", "K8SQUEUE_JOB_TYPES: there is no handler for 'z'.")]
    [InlineData("a,a", "one", "K8SQUEUE_JOB_TYPES names a type twice.")]
    public void What_does_not_fit_together_is_named(string types, string queues, string fault)
    {
        JobTypeRules.Faults(Options(types, Routes, queues.Split(',')), ["a", "b", "c"]).Should().Equal(fault);
    }

    [Fact]
    public void A_type_without_a_route_is_named()
    {
        JobTypeRules.Faults(Options("a", """{"b": "two"}"""), ["*"])
            .Should().Equal("K8SQUEUE_JOB_TYPES: 'a' has no route in K8SQUEUE_ROUTES.");
    }

    [Fact]
    public void Without_routes_the_queues_are_those_that_it_was_told()
    {
        JobTypeRules.Faults(new WorkerOptions { JobTypes = { "a" }, Queues = { "one" } }, ["a"]).Should().BeEmpty();
    }

    private static WorkerOptions Options(string types, string routes, params string[] queues)
    {
        var options = new WorkerOptions { Routes = JobRoutes.Parse(routes) };
        foreach (var type in types.Split(','))
            options.JobTypes.Add(type);
        foreach (var queue in queues)
            options.Queues.Add(queue);
        return options;
    }
}
