using System.Diagnostics;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>
/// Demand by the figures of other systems' queues, waiting and running. The pools are suspended: what the autoscaler asks for shows, and no worker runs.
/// </summary>
/// <remarks>RabbitMQ and PostgreSQL are on this machine's loopback: KEDA must run on it, too, as the stand-in does.</remarks>
[Collection(EndToEndGroup.Name)]
public sealed class SignalTests(EndToEndEnvironment environment)
{
    private string Redis => $$"""{address: "{{environment.Stack.RedisAddress}}", passwordSecretRef: {name: queue-redis, key: password} }""";

    [Fact]
    public async Task A_list_of_Redis_counts_what_waits_and_what_runs()
    {
        await using var space = await SpaceAsync();
        var key = $"list-{space.Name}";
        await space.Kubectl.ApplyAsync(PoolYaml("list", $$"""redisList: {redis: {{Redis}}, key: {{key}}, inFlightKeys: ["{{key}}:running"]}"""));
        await space.WaitForConditionAsync("list", "SignalComplete", "True", "InFlightCounted");

        await RedisAsync($"RPUSH {key} {Numbers(14)}", $"RPUSH {key}:running {Numbers(7)}");

        await DesiredAsync(space, "list", 3);
        await RedisAsync($"DEL {key} {key}:running");
        await DesiredAsync(space, "list", 0);
    }

    [Fact]
    public async Task BullMQ_counts_prioritized_and_active_jobs_and_only_active_ones_while_it_is_paused()
    {
        await using var space = await SpaceAsync();
        var queue = $"bull:{space.Name}";
        await space.Kubectl.ApplyAsync(PoolYaml("mail", $$"""bullmq: {redis: {{Redis}}, queue: {{space.Name}}}"""));

        // The keys as BullMQ 6.7 leaves them with 11 jobs waiting, 5 prioritized, 5 running and one delayed.
        await RedisAsync(
            $"HSET {queue}:meta opts.maxLenEvents 10000 version bullmq:6.7.0", $"LPUSH {queue}:wait {Numbers(11)}", $"LPUSH {queue}:active {Numbers(5)}",
            $"ZADD {queue}:prioritized 1 a 2 b 3 c 4 d 5 e", $"ZADD {queue}:delayed 1 z", $"ZADD {queue}:marker 0 0");
        await DesiredAsync(space, "mail", 3);

        await RedisAsync($"HSET {queue}:meta paused 1", $"DEL {queue}:marker");
        await DesiredAsync(space, "mail", 1);
        await RedisAsync($"DEL {queue}:active");
        await DesiredAsync(space, "mail", 0);

        await RedisAsync($"HDEL {queue}:meta paused", $"ZADD {queue}:marker 0 0");
        await DesiredAsync(space, "mail", 2);
    }

    [Fact]
    public async Task Celery_counts_every_priority_and_says_that_a_shared_unacked_hash_is_not_counted()
    {
        await using var space = await SpaceAsync();
        var queue = $"celery-{space.Name}";
        await space.Kubectl.ApplyAsync(PoolYaml("tasks", $$"""celery: {redis: {{Redis}}, queue: {{queue}}}"""));

        // As kombu names them.
        await RedisAsync($"RPUSH {queue} {Numbers(9)}", $"RPUSH \"{queue}\\x06\\x163\" {Numbers(9)}", $"RPUSH \"{queue}\\x06\\x169\" {Numbers(3)}");

        await DesiredAsync(space, "tasks", 3);
        await space.WaitForConditionAsync("tasks", "SignalComplete", "False", "SharedUnacked");
    }

    [Fact]
    public async Task RabbitMQ_counts_messages_and_a_wrong_password_is_told_without_it()
    {
        await using var server = await RabbitMqServer.StartAsync();
        await server.ManageAsync(HttpMethod.Put, "api/queues/%2F/invoices", new { durable = true });
        for (var i = 0; i < 12; i++)
            await server.ManageAsync(HttpMethod.Post, "api/exchanges/%2F/amq.default/publish", new { properties = new { }, routing_key = "invoices", payload = "x", payload_encoding = "string" });
        await using var space = await SpaceAsync();
        await SecretAsync(space, "rabbitmq", RabbitMqServer.User, "wrong-Secret-1");
        await space.Kubectl.ApplyAsync(PoolYaml("invoices", $$"""
            rabbitmq: {address: "127.0.0.1:{{server.ManagementPort}}", usernameSecretRef: {name: rabbitmq, key: username}, passwordSecretRef: {name: rabbitmq, key: password} }
            """));
        await space.WaitForPoolAsync("invoices", s => s.Conditions?.Any(c => c is { Type: "ScalingReady", Status: "False" }) == true, "a wrong password is told");
        (await space.Kubectl.RunAsync(["get", "workerpool", "invoices", "-o", "yaml"])).Should().NotContain("wrong-Secret-1");

        await SecretAsync(space, "rabbitmq", RabbitMqServer.User, RabbitMqServer.Password);

        await DesiredAsync(space, "invoices", 2);
    }

    [Fact]
    public async Task PostgreSQL_counts_what_the_query_answers_beside_a_queue_of_another_kind()
    {
        await using var server = await PostgresServer.StartAsync();
        await server.ExecuteAsync("CREATE TABLE jobs AS SELECT i, NULL::timestamptz AS finished_at FROM generate_series(1, 20) i");
        await using var space = await SpaceAsync();
        await SecretAsync(space, "postgres", PostgresServer.User, PostgresServer.Password);
        var key = $"list-{space.Name}";
        await RedisAsync($"RPUSH {key} {Numbers(10)}");
        await space.Kubectl.ApplyAsync(PoolYaml("reports", $$"""
            postgresql:
                  address: 127.0.0.1:{{server.Port}}
                  database: postgres
                  user: {{PostgresServer.User}}
                  sslMode: disable
                  passwordSecretRef: {name: postgres, key: password}
                  query: SELECT count(*) FROM jobs WHERE finished_at IS NULL
                  countsInFlight: true
              - name: list
                jobsPerReplica: 5
                redisList: {redis: {{Redis}}, key: {{key}} }
            """));

        await DesiredAsync(space, "reports", 4);

        await server.ExecuteAsync("UPDATE jobs SET finished_at = now()");
        await RedisAsync($"DEL {key}");
        await DesiredAsync(space, "reports", 0);
    }

    [Fact]
    public async Task A_schedule_holds_a_size_while_the_queue_is_empty()
    {
        await using var space = await SpaceAsync();

        // From a minute after midnight to the last but one of the year: whenever this runs, but for two minutes a year.
        await space.Kubectl.ApplyAsync(PoolYaml(
            "office", $$"""redisList: {redis: {{Redis}}, key: none-{{space.Name}} }""",
            "schedules: [{timezone: UTC, start: \"1 0 1 1 *\", end: \"58 23 31 12 *\", replicas: 3}]"));

        await DesiredAsync(space, "office", 3);
    }

    private async Task<TestNamespace> SpaceAsync()
    {
        var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        return space;
    }

    private static Task<string> SecretAsync(TestNamespace space, string name, string user, string password) => space.Kubectl.ApplyAsync($$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}} }
        stringData: {username: {{user}}, password: {{password}} }
        """);

    private static Task DesiredAsync(TestNamespace space, string pool, int replicas) =>
        space.WaitForPoolAsync(pool, status => status.DesiredReplicas == replicas, $"{pool} is asked for {replicas}");

    private static string Numbers(int count) => string.Join(' ', Enumerable.Range(0, count));

    private static string PoolYaml(string name, string kind, string scaling = "") => $$"""
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: {{name}} }
        spec:
          suspend: true
          queues:
          - name: {{name}}
            jobsPerReplica: 10
            {{kind.Trim()}}
          scaling:
            maxReplicas: 8
            pollingIntervalSeconds: 1
            cooldownSeconds: 1
            scaleDown: {stabilizationSeconds: 0}
            {{scaling}}
          template:
            spec:
              containers: [{name: worker, image: "{{EndToEndEnvironment.WorkerImage}}"}]
        """;

    /// <summary>Commands as redis-cli takes them.</summary>
    private async Task RedisAsync(params string[] commands)
    {
        var start = new ProcessStartInfo("redis-cli", ["-h", EndToEndEnvironment.HostAddress, "-p", $"{environment.Stack.RedisPort}", "-e"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["REDISCLI_AUTH"] = environment.Stack.RedisPassword;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(string.Join('\n', commands) + "\n");
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        output.Should().NotContain("ERR").And.NotContain("NOAUTH");
    }
}
