using K8sQueue.Quickstart.Processes;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class BadInputTests(EndToEndEnvironment environment)
{
    [Theory]
    [InlineData("maxReplicas: 6", "maxReplicas: -1", "spec.scaling.maxReplicas")]
    [InlineData("minReplicas: 0", "minReplicas: 9", "minReplicas")]
    [InlineData("jobsPerReplica: 20", "jobsPerReplica: 0", "spec.queues[0].jobsPerReplica")]
    [InlineData("jobsPerReplica: 20", "jobsPerReplica: many", "jobsPerReplica")]
    [InlineData("cooldownSeconds: 3", "cooldownSecond: 3", "cooldownSecond")]
    [InlineData("timeoutSeconds: 20", "timeoutSeconds: 0", "timeoutSeconds")]
    public async Task An_invalid_pool_is_rejected_with_the_field_named(string valid, string invalid, string field)
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var yaml = space.PoolYaml("invalid").Replace(valid, invalid, StringComparison.Ordinal);

        var apply = () => space.Kubectl.ApplyAsync(yaml);

        (await apply.Should().ThrowAsync<KubectlException>()).Which.Message.Should().Contain(field);
    }

    [Fact]
    public async Task A_missing_secret_is_a_condition_and_an_event_and_heals_when_it_is_there()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"secret-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool));

        await space.WaitForConditionAsync(pool, "Ready", "False", "SecretNotFound");
        (await space.Kubectl.RunAsync(["describe", "workerpool", pool])).Should().Contain("queue-redis").And.Contain("SecretNotFound");

        await space.CreateSecretAsync();
        await space.WaitUntilReadyAsync(pool);
    }

    [Fact]
    public async Task A_missing_budget_is_a_condition_and_heals_when_it_is_there()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var pool = $"budget-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool));

        await space.WaitForConditionAsync(pool, "Ready", "False", "BudgetNotFound");

        await space.CreateBudgetAsync(capacity: 12);
        await space.WaitUntilReadyAsync(pool);
    }

    [Fact]
    public async Task A_template_that_the_server_refuses_is_a_condition_and_the_last_good_workers_go_on()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var pool = $"template-{space.Name}";
        var yaml = space.PoolYaml(pool, budget: null, minReplicas: 1);
        await space.Kubectl.ApplyAsync(yaml);
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 1, "one worker");

        await space.Kubectl.ApplyAsync(yaml.Replace("imagePullPolicy: IfNotPresent", "imagePullPolicy: Sometimes", StringComparison.Ordinal));

        await space.WaitForConditionAsync(pool, "Ready", "False", "TemplateInvalid");
        (await space.PoolAsync(pool)).Status!.ReadyReplicas.Should().Be(1);
    }
}
