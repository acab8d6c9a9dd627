using System.Net;
using System.Net.Http.Headers;
using K8sQueue.Client;
using K8sQueue.Client.Http;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Client;

public sealed class ClientRulesTests
{
    [Fact]
    public void Pauses_of_a_wait_grow_to_two_seconds_and_there_is_none_where_the_API_waited()
    {
        WaitPauses.Pause(0, TimeSpan.Zero).Should().Be(TimeSpan.FromMilliseconds(50));
        WaitPauses.Pause(1, TimeSpan.FromMilliseconds(5)).Should().Be(TimeSpan.FromMilliseconds(70));
        WaitPauses.Pause(1_000_000, TimeSpan.Zero).Should().Be(TimeSpan.FromSeconds(2));
        WaitPauses.Pause(1_000_000, TimeSpan.FromSeconds(30)).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void The_API_is_asked_to_wait_for_whole_seconds_up_to_thirty()
    {
        WaitPauses.Seconds(TimeSpan.FromSeconds(2.9)).Should().Be(2);
        WaitPauses.Seconds(TimeSpan.FromMinutes(10)).Should().Be(30);
        WaitPauses.Seconds(TimeSpan.FromSeconds(-1)).Should().Be(0);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(400, false)]
    [InlineData(409, false)]
    [InlineData(413, false)]
    [InlineData(408, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(507, false)]
    public void Only_what_passes_in_a_moment_is_repeated(int status, bool isRepeated)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        RetryRules.IsPassing(response, TimeSpan.FromSeconds(10), TimeProvider.System).Should().Be(isRepeated);
    }

    [Fact]
    public void A_call_takes_all_its_attempts_and_the_pauses_between_them_at_most()
    {
        RetryRules.LongestCall(new K8sQueueClientOptions()).Should().Be(TimeSpan.FromSeconds(90), "the documents say so");
        RetryRules.LongestCall(new K8sQueueClientOptions { MaxRetries = 0 }).Should().Be(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_time_that_the_API_names_is_heeded_and_one_that_is_too_far_off_is_the_callers()
    {
        var time = new ManualTimeProvider();
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(time.GetUtcNow().AddSeconds(7));
        RetryRules.RetryAfter(response, time).Should().Be(TimeSpan.FromSeconds(7));
        RetryRules.IsPassing(response, TimeSpan.FromSeconds(10), time).Should().BeTrue();
        RetryRules.IsPassing(response, TimeSpan.FromSeconds(5), time).Should().BeFalse();
        time.Advance(TimeSpan.FromMinutes(1));
        RetryRules.RetryAfter(response, time).Should().Be(TimeSpan.Zero);
    }
}
