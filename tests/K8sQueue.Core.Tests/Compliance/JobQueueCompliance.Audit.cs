using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Tests.Compliance;

public abstract partial class JobQueueCompliance
{
    private static readonly AuditAct Pause = new() { Key = "ops", Verb = "manage", Method = "POST", Route = "/v1/queues/{queue}/pause", Status = 204 };

    [Fact]
    public async Task What_was_done_is_listed_newest_first_and_page_by_page()
    {
        var acts = Enumerable.Range(0, 5).Select(i => Pause with { Key = $"{Guid.NewGuid():n}", Queue = i == 1 ? "emails" : null }).ToArray();
        acts[2] = acts[2] with { Subject = "emails.01JD3V6X9QK4T2M7R8ZB5C1N0F", TraceId = "4bf92f3577b34da6a3ce929d0e0e4736", Status = 403 };
        acts[3] = acts[3] with { Filter = "state=waiting&type=welcome", Changed = 7 };
        acts[4] = acts[4] with { Key = "", Verb = "login", Address = "2001:db8::1", Reason = "The API key is not known.", Status = 401 };
        var began = Now();
        foreach (var act in acts)
            await Jobs.Audit.AddAsync(act, Bound);

        var first = await Jobs.Audit.ListAsync(before: null, 2, Bound);
        var second = await Jobs.Audit.ListAsync(first[^1].Id, 3, Bound);

        first.Concat(second).Select(entry => entry.Act).Should().Equal(acts.Reverse());
        first.Concat(second).Select(entry => entry.Id).Should().BeInDescendingOrder().And.OnlyHaveUniqueItems();
        first[0].At.Should().BeOnOrAfter(began).And.BeOnOrBefore(TimeProvider.System.GetUtcNow());
        (await Jobs.Audit.ListAsync(JobEventId.Start, 10, Bound)).Should().BeEmpty();
    }

    [Fact]
    public async Task When_keys_were_last_used_is_remembered()
    {
        var (one, two) = ($"{Guid.NewGuid():n}", $"{Guid.NewGuid():n}");
        var at = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        await Jobs.Audit.NoteUsesAsync(new Dictionary<string, DateTimeOffset> { [one] = at, [two] = at.AddMilliseconds(1) }, Bound);
        await Jobs.Audit.NoteUsesAsync(new Dictionary<string, DateTimeOffset> { [one] = at.AddHours(1) }, Bound);

        var uses = await Jobs.Audit.ReadUsesAsync(Bound);

        uses.Should().Contain(one, at.AddHours(1)).And.Contain(two, at.AddMilliseconds(1)).And.NotContainKey($"{Guid.NewGuid():n}");
    }

    [Fact]
    public async Task About_ten_thousand_of_what_was_done_is_kept()
    {
        for (var i = 0; i < 11; i++)
            await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Jobs.Audit.AddAsync(Pause, Bound).AsTask()));

        (await Jobs.Audit.ListAsync(before: null, 20_000, Bound)).Count.Should().BeInRange(IAuditLog.MaxEntries, IAuditLog.MaxEntries + 500);
    }
}
