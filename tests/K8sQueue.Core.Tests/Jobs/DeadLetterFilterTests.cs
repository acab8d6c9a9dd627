using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class DeadLetterFilterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DeadLetter Letter = new(
        new JobEnvelope
        {
            Id = JobId.Parse("q.01JD3V6X9QK4T2M7R8ZB5C1N0F"),
            Type = "email.send",
            Payload = default,
            Retry = RetryPolicy.Default,
            Traits = new JobTraits { Tags = ["vip"] },
        },
        DeadLetterReasons.AttemptsExhausted,
        "550 No Such User",
        Noon);

    public static TheoryData<DeadLetterFilter, bool> Filters => new()
    {
        { new DeadLetterFilter(), true },
        { new DeadLetterFilter { Type = "email.send", Reason = DeadLetterReasons.AttemptsExhausted, Tag = "vip", Error = "no such" }, true },
        { new DeadLetterFilter { Type = "email.Send" }, false },
        { new DeadLetterFilter { Reason = DeadLetterReasons.Poison }, false },
        { new DeadLetterFilter { Tag = "v" }, false },
        { new DeadLetterFilter { Error = "551" }, false },
        { new DeadLetterFilter { After = Noon }, true },
        { new DeadLetterFilter { After = Noon.AddTicks(1) }, false },
        { new DeadLetterFilter { Before = Noon }, false },
        { new DeadLetterFilter { Before = Noon.AddTicks(1) }, true },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void It_takes_what_everything_that_is_given_fits(DeadLetterFilter filter, bool takes) => filter.Takes(Letter).Should().Be(takes);

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    public void No_words_of_an_error_are_not_all_errors(string words)
    {
        var filter = () => new DeadLetterFilter { Error = words };
        filter.Should().Throw<ArgumentException>().WithParameterName("Error");
    }

    [Fact]
    public void One_that_says_nothing_is_empty()
    {
        new DeadLetterFilter().IsEmpty.Should().BeTrue();
        new DeadLetterFilter { After = DateTimeOffset.MinValue }.IsEmpty.Should().BeFalse();
    }
}
