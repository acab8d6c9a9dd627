using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class WorkerConfigurationTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Settings_are_read_from_the_environment()
    {
        var options = new WorkerOptions().Bind(Environment(
            ("K8SQUEUE_QUEUES", "emails, reports,"),
            ("K8SQUEUE_JOB_TYPES", "email.send, report"),
            ("K8SQUEUE_ROUTES", """{"email.send": "emails", "report": "reports"}"""),
            ("K8SQUEUE_CONCURRENCY", "25"),
            ("K8SQUEUE_PREFETCH", "5"),
            ("K8SQUEUE_MAX_PARALLEL_CPU", "3"),
            ("K8SQUEUE_RATE_LIMIT", "100/1s"),
            ("K8SQUEUE_RECYCLE_AFTER_JOBS", "100000"),
            ("K8SQUEUE_RECYCLE_ABOVE_MIB", "512"),
            ("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "120"),
            ("K8SQUEUE_MANAGEMENT_PORT", "9000"),
            ("K8SQUEUE_MANAGEMENT_ADDRESS", "127.42.0.7"),
            ("K8SQUEUE_MANAGEMENT_TOKEN", "0123456789abcdef"),
            ("K8SQUEUE_POD_NAME", "emails-7d9f-x2x4z")));

        options.Queues.Should().Equal("emails", "reports");
        options.JobTypes.Should().Equal("email.send", "report");
        options.Routes.QueueOf("report").Should().Be("reports");
        options.Concurrency.Should().Be(25);
        options.Prefetch.Should().Be(5);
        options.MaxParallelCpu.Should().Be(3);
        options.RateLimit.Should().Be(new RateLimit(100, TimeSpan.FromSeconds(1)));
        options.RecycleAfterJobs.Should().Be(100_000);
        options.RecycleAboveMiB.Should().Be(512);
        options.DrainTimeout.Should().Be(TimeSpan.FromMinutes(2));
        options.ManagementPort.Should().Be(9000);
        options.ManagementAddress.ToString().Should().Be("127.42.0.7");
        options.ManagementToken.Should().Be("0123456789abcdef");
        options.Name.Should().Be("emails-7d9f-x2x4z");
        Faults(options, "email.send", "*").Should().BeEmpty();
    }

    [Fact]
    public void What_is_not_set_has_its_default()
    {
        var options = new WorkerOptions().Bind(Environment(("K8SQUEUE_QUEUES", "a")));

        options.Concurrency.Should().Be(10);
        options.DrainTimeout.Should().Be(TimeSpan.FromSeconds(30));
        options.ManagementPort.Should().Be(8081);
        options.ManagementToken.Should().BeNull();
        Faults(options).Should().BeEmpty();
    }

    [Fact]
    public void A_value_may_be_in_a_file()
    {
        File.WriteAllText(_file, "0123456789abcdef\n");

        new WorkerOptions().Bind(Environment(("K8SQUEUE_MANAGEMENT_TOKEN_FILE", _file))).ManagementToken.Should().Be("0123456789abcdef");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        FluentActions.Invoking(() => new WorkerOptions().Bind(Environment(("K8SQUEUE_MANAGEMENT_TOKEN_FILE", "/no/such/file"))))
            .Should().Throw<WorkerConfigurationException>().WithMessage("K8SQUEUE_MANAGEMENT_TOKEN_FILE: *'/no/such/file'*");
    }

    [Theory]
    [InlineData("K8SQUEUE_CONCURRENCY", "ten", "K8SQUEUE_CONCURRENCY must be a whole number, not 'ten'.")]
    [InlineData("K8SQUEUE_CONCURRENCY", "0", "K8SQUEUE_CONCURRENCY must be 1 to 10000, not 0.")]
    [InlineData("K8SQUEUE_CONCURRENCY", "10001", "K8SQUEUE_CONCURRENCY must be 1 to 10000, not 10001.")]
    [InlineData("K8SQUEUE_PREFETCH", "-1", "K8SQUEUE_PREFETCH must be 0 to 10000, not -1.")]
    [InlineData("K8SQUEUE_MAX_PARALLEL_CPU", "0", "K8SQUEUE_MAX_PARALLEL_CPU must be 1 to 1024, not 0.")]
    [InlineData("K8SQUEUE_RATE_LIMIT", "fast", "K8SQUEUE_RATE_LIMIT must be jobs/period, such as 100/1s, 5/500ms, 30/m or 1000/24h, not 'fast'.")]
    [InlineData("K8SQUEUE_RECYCLE_AFTER_JOBS", "-1", "K8SQUEUE_RECYCLE_AFTER_JOBS must be 0 or more, not -1.")]
    [InlineData("K8SQUEUE_RECYCLE_ABOVE_MIB", "64", "K8SQUEUE_RECYCLE_ABOVE_MIB must be 0 or at least 128, not 64.")]
    [InlineData("K8SQUEUE_DRAIN_TIMEOUT_SECONDS", "-1", "K8SQUEUE_DRAIN_TIMEOUT_SECONDS must be 0 to 86400, not -1.")]
    [InlineData("K8SQUEUE_MANAGEMENT_PORT", "70000", "K8SQUEUE_MANAGEMENT_PORT must be 0 to 65535, not 70000.")]
    [InlineData("K8SQUEUE_MANAGEMENT_ADDRESS", "localhost", "K8SQUEUE_MANAGEMENT_ADDRESS must be an IP address, not 'localhost'.")]
    [InlineData("K8SQUEUE_MANAGEMENT_TOKEN", "short", "K8SQUEUE_MANAGEMENT_TOKEN must have at least 16 characters.")]
    [InlineData("K8SQUEUE_POD_NAME", "a b", "K8SQUEUE_POD_NAME 'a b' must be 1 to 200 printable ASCII characters without spaces.")]
    [InlineData("K8SQUEUE_QUEUES", " , ", "K8SQUEUE_QUEUES is missing: set it to the names of one or more queues, separated by commas.")]
    [InlineData("K8SQUEUE_QUEUES", "a,a", "K8SQUEUE_QUEUES names a queue twice.")]
    [InlineData("K8SQUEUE_QUEUES", "Emails", "K8SQUEUE_QUEUES: 'Emails' is not a queue name: 1 to 63 characters*")]
    public void A_wrong_setting_is_named_with_what_it_must_be(string name, string value, string message)
    {
        var environment = Environment(("K8SQUEUE_QUEUES", name == "K8SQUEUE_QUEUES" ? value : "a"), (name, value));

        Messages(() => new WorkerOptions().Bind(environment)).Should().ContainSingle().Which.Should().Match(message);
    }

    [Theory]
    [InlineData("""{"t": {"http": {"url": "ftp://x/"}}}""", "*http.url of 't' must be an http or https URL, not 'ftp://x/'.")]
    [InlineData("""{"t": {"http": {}}}""", "*http.url of 't' must be an http or https URL, not ''.")]
    [InlineData("""{"t": {"http": {"url": "http://u:p@x/"}}}""", "*http.url of 't' must not hold a user or a password.")]
    [InlineData("""{"t": {"http": {"url": "http://x/", "timeoutSeconds": 0}}}""", "*http.timeoutSeconds of 't' must be above 0 *")]
    [InlineData("""{"t": {"http": {"url": "http://x/", "tries": 3}}}""", "*tries*")]
    [InlineData("""{"t": {"http": {"url": "http://x/", "retries": 11}}}""", "http.retries of 't' must be 0 to 10, not 11.")]
    [InlineData("""{"t": {"http": {"url": "http://x/", "callTimeoutSeconds": 0}}}""", "http.callTimeoutSeconds of 't' must be 0.01 to 86400, not 0.")]
    [InlineData("""{"t": {"http": {"url": "http://x/"}, "exec": {"command": ["true"]}}}""", "*'t' must have either \"http\" or \"exec\".")]
    [InlineData("""{"t": {}}""", "*'t' must have either*")]
    [InlineData("""{"t": null}""", "*'t' must have either*")]
    [InlineData("""{"": {"exec": {"command": ["true"]}}}""", "*a job type has 1 to 128 characters*")]
    [InlineData("""{"t": {"exec": {"command": []}}}""", "*exec.command of 't' must name a program.")]
    [InlineData("""{"t": {"exec": {"command": ["no-such-program"]}}}""", "*exec.command of 't': there is no program 'no-such-program'.")]
    [InlineData("""{"t": {"exec": {"command": "true"}}}""", "*Expected {*")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"maxAttempts": 0}}}""", "retry of 't': maxAttempts must be 1 to 1000, not 0.")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"backoff": "linear"}}}""", "retry of 't': backoff must be exponential, fixed or custom, not 'linear'.")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"backoff": "custom"}}}""", "retry of 't': delaysSeconds goes with the backoff custom, and with no other.")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"delaysSeconds": [1]}}}""", "retry of 't': delaysSeconds goes with the backoff custom, and with no other.")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"backoff": "custom", "delaysSeconds": [-1]}}}""", "retry of 't': A custom backoff*0 to 365 days.")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"backoff": "custom", "delaysSeconds": ["soon"]}}}""", "*delaysSeconds*")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"delaySeconds": 9, "maxDelaySeconds": 8}}}""", "retry of 't': The longest retry delay *")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "retry": {"delaySeconds": 1e300}}}""", "retry of 't': *")]
    [InlineData("""{"t": {"exec": {"command": ["true"]}, "concurrency": 0}}""", "concurrency of 't' must be at least 1, not 0.")]
    [InlineData("{}", "*there is no handler. Expected {*")]
    [InlineData("[]", "*Expected {*")]
    [InlineData("not json", "*Expected {*")]
    public void A_wrong_handler_is_named_with_what_it_must_be(string handlers, string message)
    {
        FluentActions.Invoking(() => WorkerProgram.Build(Environment(
                ("K8SQUEUE_QUEUES", "a"), ("K8SQUEUE_REDIS_ADDRESS", "localhost:6379"), ("K8SQUEUE_HANDLERS", handlers))))
            .Should().Throw<WorkerConfigurationException>().WithMessage("K8SQUEUE_HANDLERS: " + message);
    }

    [Fact]
    public void A_handlers_retries_may_have_delays_of_their_own()
    {
        using var host = WorkerProgram.Build(Environment(
            ("K8SQUEUE_QUEUES", "a"),
            ("K8SQUEUE_REDIS_ADDRESS", "localhost:6379"),
            ("K8SQUEUE_HANDLERS", """{"t": {"exec": {"command": ["true"]}, "retry": {"maxAttempts": 4, "backoff": "custom", "delaysSeconds": [0, 1.5, 60]}}}""")));

        host.Services.GetRequiredService<JobHandlerRegistry>().Find("t")!.Options.Retry.Should().BeEquivalentTo(new RetryPolicy
        {
            MaxAttempts = 4,
            Backoff = BackoffKind.Custom,
            Delays = [TimeSpan.Zero, TimeSpan.FromSeconds(1.5), TimeSpan.FromMinutes(1)],
        });
    }

    [Fact]
    public void Only_the_program_itself_makes_the_collector_run()
    {
        using var host = WorkerProgram.Build(Environment(
            ("K8SQUEUE_QUEUES", "a"), ("K8SQUEUE_REDIS_ADDRESS", "localhost:6379"), ("K8SQUEUE_HANDLERS", """{"t": {"exec": {"command": ["true"]}}}""")));

        host.Services.GetRequiredService<IOptions<WorkerOptions>>().Value.CollectsAfterPayloads.Should().BeTrue();
        new WorkerOptions().CollectsAfterPayloads.Should().BeFalse();
    }

    [Fact]
    public void A_worker_without_handlers_is_refused()
    {
        FluentActions.Invoking(() => WorkerProgram.Build(Environment(("K8SQUEUE_QUEUES", "a"))))
            .Should().Throw<WorkerConfigurationException>().WithMessage("K8SQUEUE_HANDLERS is missing: *");
    }

    [Theory]
    [InlineData("K8SQUEUE_HTTP_SIGNING_SECRET", "short", "K8SQUEUE_HTTP_SIGNING_SECRET must have at least 16 characters.")]
    [InlineData("K8SQUEUE_HTTP_ALLOW_LINK_LOCAL", "perhaps", "K8SQUEUE_HTTP_ALLOW_LINK_LOCAL must be true or false, not 'perhaps'.")]
    public void A_wrong_setting_of_the_http_handler_is_named(string name, string value, string message)
    {
        FluentActions.Invoking(() => HttpHandlerDefaults.From(Environment((name, value))))
            .Should().Throw<WorkerConfigurationException>().WithMessage(message);
    }

    [Fact]
    public void The_http_handlers_secret_may_be_in_a_file()
    {
        File.WriteAllText(_file, "0123456789abcdef\n");

        HttpHandlerDefaults.From(Environment(("K8SQUEUE_HTTP_SIGNING_SECRET_FILE", _file), ("K8SQUEUE_HTTP_ALLOW_LINK_LOCAL", "true")))
            .Should().Be(new HttpHandlerDefaults("0123456789abcdef", AllowLinkLocal: true, _file));
    }

    private static IConfiguration Environment(params (string Name, string Value)[] variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value)).DistinctBy(v => v.Key))
        .Build();

    private static IEnumerable<string> Faults(WorkerOptions options, params string[] handled) =>
        new WorkerOptionsValidator(handled.Select(type => new RawJobHandlerBinding(type, new JobHandlerOptions(), (_, _, _) => Task.CompletedTask)))
            .Validate(Options.DefaultName, options).Failures ?? [];

    private static IEnumerable<string> Messages(Func<WorkerOptions> bind)
    {
        try
        {
            return Faults(bind());
        }
        catch (WorkerConfigurationException e)
        {
            return [e.Message];
        }
    }
}
