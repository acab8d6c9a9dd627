using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests.Corpus;

/// <summary>
/// Invalid, odd and valid resources with the answer that each gets: over a real API server this shows, too, that every CEL rule and its C# twin agree.
/// </summary>
[Collection(EndToEndGroup.Name)]
public sealed class CorpusTests(EndToEndEnvironment environment)
{
    [Fact]
    public void The_corpus_is_large_and_its_names_are_its_own()
    {
        var cases = CorpusCase.Load();

        cases.Select(item => item.Name).Should().OnlyHaveUniqueItems();
        cases.Count(item => item.Rejected is not null || item.Conditions.Count > 0).Should().BeGreaterThanOrEqualTo(320);
    }

    [Fact]
    public async Task Each_is_rejected_or_accepted_as_it_should_be_and_none_is_in_anothers_way()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await using var api = await ApiProxy.StartAsync(environment.Stack.Kubeconfig);
        var cases = CorpusCase.Load();
        var failures = new List<string>();

        foreach (var item in cases)
        {
            var answer = await api.CreateAsync(space.Name, item);
            if (item.Rejected is null && answer is not null)
                failures.Add($"'{item.Name}' should be accepted, but: {answer}");
            else if (item.Rejected is { } expected && answer?.Contains(expected, StringComparison.Ordinal) != true)
                failures.Add($"'{item.Name}' should be rejected with '{expected}', but: {answer ?? "it was accepted"}");
        }

        failures.Should().BeEmpty();
        await Eventually.Passes(async () => (await OtherConditionsAsync(api, space, cases)).Should().BeEmpty(), TestNamespace.Patience);
        await AssertHealthyPoolAsync(space);
    }

    private static async Task<IReadOnlyList<string>> OtherConditionsAsync(ApiProxy api, TestNamespace space, IReadOnlyList<CorpusCase> cases)
    {
        var others = new List<string>();
        foreach (var item in cases.Where(item => item.Conditions.Count > 0))
        {
            var reasons = await api.ReasonsAsync(space.Name, item);
            others.AddRange(
                from condition in item.Conditions
                where reasons.GetValueOrDefault(condition.Key) != condition.Value
                select $"'{item.Name}' comes to {condition.Key} {reasons.GetValueOrDefault(condition.Key)}, not {condition.Value}");
        }

        return others;
    }

    /// <summary>Beside all of these a good pool works as ever.</summary>
    private async Task AssertHealthyPoolAsync(TestNamespace space)
    {
        await space.CreateSecretAsync();
        var pool = $"healthy-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, budget: null));
        await space.WaitUntilReadyAsync(pool);
        var ids = await space.EnqueueAsync(pool, 20);
        await space.WaitForCompletedAsync(pool, ids.Count);
    }
}
