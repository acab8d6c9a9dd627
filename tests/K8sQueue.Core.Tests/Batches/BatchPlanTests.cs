using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Batches;

public sealed class BatchPlanTests
{
    [Fact]
    public void A_batch_is_at_home_in_the_queue_of_its_callbacks_or_of_its_first_job()
    {
        HomeOf(new BatchRequest { Jobs = [Job("a"), Job("b")] }).Should().Be("a");
        HomeOf(new BatchRequest { Jobs = [Job("a")], OnComplete = Job("b") }).Should().Be("b");
        HomeOf(new BatchRequest { Jobs = [Job("a")], OnSuccess = Job("c") }).Should().Be("c");

        static string HomeOf(BatchRequest request) => BatchPlan.Of(request, TimeProvider.System).Answer.Id.Queue;
    }

    [Fact]
    public void A_flow_becomes_a_batch_for_each_job_that_has_children_and_its_leaves_are_enqueued()
    {
        var flow = Node("root", Node("mid", Node("leaf1"), Node("leaf2")) with { RunAfter = FlowRunAfter.Ended }, Node("leaf3"));
        var (plan, answer) = BatchPlan.Of(flow, JobLimits.MaxPayloadBytes, TimeProvider.System);

        plan.Jobs.Select(j => (j.Request.Type, j.Request.MemberOf)).Should().Equal(
            ("leaf1", answer.Children[0].Batch), ("leaf2", answer.Children[0].Batch), ("leaf3", answer.Batch));
        plan.Batches.Should().HaveCount(2);
        var inner = plan.Batches.Single(b => b.Id == answer.Children[0].Batch);
        var outer = plan.Batches.Single(b => b.Id == answer.Batch);
        inner.Jobs.Should().Equal(answer.Children[0].Children.Select(c => c.Job));
        inner.OnSuccess.Should().BeNull();
        inner.OnComplete!.Id.Should().Be(answer.Children[0].Job);
        (inner.OnComplete.Request.MemberOf, inner.OnComplete.Request.CallbackOf).Should().Be((outer.Id, inner.Id));
        outer.Jobs.Should().Equal(answer.Children.Select(c => c.Job));
        outer.OnComplete.Should().BeNull();
        (outer.OnSuccess!.Id, outer.OnSuccess.Request.MemberOf, outer.OnSuccess.Request.CallbackOf).Should().Be((answer.Job, null, outer.Id));
        answer.Count.Should().Be(5);
    }

    [Theory]
    [InlineData("emails.01JD3V6X9QK4T2M7R8ZB5C1N0F", true)]
    [InlineData("01JD3V6X9QK4T2M7R8ZB5C1N0F", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_id_of_a_batch_is_a_queue_and_a_ULID(string? text, bool valid)
    {
        BatchId.TryParse(text, out var id).Should().Be(valid);
        if (valid)
            (id.Value, id.Queue, id.Ulid, $"{id}", BatchId.Parse(text!)).Should().Be((text!, "emails", "01JD3V6X9QK4T2M7R8ZB5C1N0F", text!, id));
        else
            FluentActions.Invoking(() => BatchId.Parse(text!)).Should().Throw<FormatException>();
    }

    private static FlowRequest Node(string type, params FlowRequest[] children) =>
        new() { Job = new JobRequest { Queue = "q", Type = type }, Children = children };

    private static JobRequest Job(string queue) => new() { Queue = queue, Type = "t" };
}
