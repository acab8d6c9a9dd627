using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Handlers.Exec;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Handlers;

public sealed class ExecJobHandlerTests
{
    // By this clock the time between SIGTERM and SIGKILL does not pass. Nothing else of the handler goes by it.
    private static ManualTimeProvider EndlessGrace => new();

    [Fact]
    public async Task The_payload_is_on_standard_input_and_json_on_standard_output_is_the_result()
    {
        (await RunAsync(["cat"], """{"a":[1,2]}""")).Should().Be("""{"a":[1,2]}""");
    }

    [Fact]
    public async Task Other_text_on_standard_output_is_a_json_string()
    {
        (await RunAsync(["sha256sum"], "abc"))
            .Should().Be("\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\"");
    }

    [Fact]
    public async Task No_output_is_no_result()
    {
        (await RunAsync(["true"])).Should().BeNull();
    }

    [Fact]
    public async Task A_payload_of_a_mebibyte_arrives_whole()
    {
        (await RunAsync(["wc", "-c"], new string('x', 1024 * 1024))).Should().Be("1048576");
    }

    [Fact]
    public async Task More_output_than_a_result_may_have_is_dropped_and_blocks_nobody()
    {
        (await RunAsync(["sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2"])).Should().BeNull();
    }

    [Fact]
    public async Task Arguments_are_given_as_they_are_and_no_shell_reads_them()
    {
        (await RunAsync(["printf", "%s|", "a b", "$HOME", "`id`", ";", "ü"])).Should().Be("\"a b|$HOME|\\u0060id\\u0060|;|\\u00FC|\"");
    }

    [Fact]
    public async Task The_jobs_particulars_are_in_the_environment_and_the_workers_secrets_are_not()
    {
        // Not one that a worker process of another test would read.
        Environment.SetEnvironmentVariable("K8SQUEUE_SECRET_OF_THE_TEST", "hush");
        var context = Context("{}");

        await HandleAsync(["sh", "-c", "env | grep -E 'K8SQUEUE|TRACEPARENT' | sort"], context);

        var lines = System.Text.Json.JsonDocument.Parse(context.Result!.Value).RootElement.GetString()!.Split('\n');
        lines.Should().Equal(
            "K8SQUEUE_JOB_ATTEMPT=2",
            "K8SQUEUE_JOB_FENCING_TOKEN=3",
            $"K8SQUEUE_JOB_ID={context.JobId}",
            "K8SQUEUE_JOB_MAX_ATTEMPTS=5",
            "K8SQUEUE_JOB_QUEUE=q",
            "K8SQUEUE_JOB_TYPE=t",
            "TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    }

    [Fact]
    public async Task The_command_of_a_scheduled_job_is_told_when_it_was_due()
    {
        var context = ScheduledJob.Context(new DateTimeOffset(2026, 1, 2, 4, 30, 0, TimeSpan.FromHours(1)));

        await HandleAsync(["sh", "-c", "echo $K8SQUEUE_JOB_SCHEDULE $K8SQUEUE_JOB_SCHEDULED_FOR"], context);

        Encoding.UTF8.GetString(context.Result!.Value.Span).Should().Be("\"nightly 2026-01-02T03:30:00.000Z\"");
    }

    [Fact]
    public async Task The_command_of_a_callback_is_told_its_batch()
    {
        var (context, batch) = CallbackJob.Context();

        await HandleAsync(["sh", "-c", "echo $K8SQUEUE_JOB_BATCH"], context);

        Encoding.UTF8.GetString(context.Result!.Value.Span).Should().Be($"\"{batch}\"");
    }

    [Fact]
    public async Task A_failure_is_tried_again_and_tells_the_end_of_standard_error()
    {
        (await FluentActions.Awaiting(() => RunAsync(["sh", "-c", "seq 100000 >&2; echo sorry >&2; exit 3"])).Should().ThrowAsync<RetryJobException>())
            .Which.Message.Should().StartWith("sh exited with 3: ").And.EndWith("100000\nsorry").And.Match(m => m.Length < 5000);
    }

    [Fact]
    public async Task Exit_code_65_says_that_the_input_is_wrong_and_is_a_dead_letter()
    {
        (await FluentActions.Awaiting(() => RunAsync(["sh", "-c", "echo no such order >&2; exit 65"])).Should().ThrowAsync<UnrecoverableJobException>())
            .Which.Message.Should().Be("sh exited with 65: no such order");
    }

    [Fact]
    public async Task A_command_that_a_signal_ended_is_tried_again()
    {
        (await FluentActions.Awaiting(() => RunAsync(["sh", "-c", "kill -SEGV $$"])).Should().ThrowAsync<RetryJobException>())
            .Which.Message.Should().Be("sh was ended by signal 11");
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_tried_again_and_named()
    {
        (await FluentActions.Awaiting(() => RunAsync(["/no/such/program"])).Should().ThrowAsync<RetryJobException>())
            .Which.Message.Should().Contain("/no/such/program");
    }

    [Fact]
    public async Task Cancellation_kills_the_whole_group_grandchildren_that_ignore_sigterm_included()
    {
        using var directory = new TemporaryDirectory();
        using var cancel = new CancellationTokenSource();
        var script = $"(trap '' TERM; echo $BASHPID > {directory.Path}/grandchild; while :; do sleep 60; done) & "
            + $"trap '' TERM; echo $$ > {directory.Path}/child; while :; do sleep 60; done";
        var run = HandleAsync(["bash", "-c", script], Context("{}"), cancel.Token);
        var grandchild = await ProcessIdAsync($"{directory.Path}/grandchild");
        var child = await ProcessIdAsync($"{directory.Path}/child");

        await cancel.CancelAsync();

        await FluentActions.Awaiting(() => run.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None)).Should().ThrowAsync<OperationCanceledException>();
        await Eventually.IsTrue(() => !IsAlive(child) && !IsAlive(grandchild));
    }

    [Fact]
    public async Task A_command_may_clean_up_when_it_is_cancelled()
    {
        using var directory = new TemporaryDirectory();
        using var cancel = new CancellationTokenSource();
        var script = $"trap 'echo cleaned > {directory.Path}/cleaned; exit 1' TERM; echo $$ > {directory.Path}/child; while :; do sleep 0.05; done";
        var run = HandleAsync(["bash", "-c", script], Context("{}"), EndlessGrace, cancel.Token);
        await ProcessIdAsync($"{directory.Path}/child");

        await cancel.CancelAsync();

        await FluentActions.Awaiting(() => run.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None)).Should().ThrowAsync<OperationCanceledException>();
        File.Exists($"{directory.Path}/cleaned").Should().BeTrue();
    }

    [Fact]
    public async Task A_command_that_finishes_its_work_when_it_is_cancelled_is_done()
    {
        using var directory = new TemporaryDirectory();
        using var cancel = new CancellationTokenSource();
        var context = Context("{}");
        var script = $"trap 'echo 42; exit 0' TERM; echo $$ > {directory.Path}/child; while :; do sleep 0.05; done";
        var run = HandleAsync(["bash", "-c", script], context, EndlessGrace, cancel.Token);
        await ProcessIdAsync($"{directory.Path}/child");

        await cancel.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

        Encoding.UTF8.GetString(context.Result!.Value.Span).TrimEnd().Should().Be("42");
    }

    [Fact]
    public async Task A_background_process_does_not_outlive_its_command_nor_hold_up_its_end()
    {
        using var directory = new TemporaryDirectory();
        var context = Context("{}");

        await HandleAsync(["sh", "-c", $"sleep 600 & echo $! > {directory.Path}/left; echo 5"], context).WaitAsync(TimeSpan.FromSeconds(30));

        Encoding.UTF8.GetString(context.Result!.Value.Span).Trim().Should().Be("5");
        var left = await ProcessIdAsync($"{directory.Path}/left");
        await Eventually.IsTrue(() => !IsAlive(left));
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exit 3")]
    [InlineData("while :; do sleep 60; done")]
    public async Task A_process_in_a_session_of_its_own_does_not_outlive_its_command(string end)
    {
        using var directory = new TemporaryDirectory();
        using var cancel = new CancellationTokenSource();
        var script = $"setsid sh -c 'echo $$ > {directory.Path}/left; trap \"\" TERM HUP; while :; do sleep 60; done' & "
            + $"while [ ! -s {directory.Path}/left ]; do sleep 0.01; done; {end}";
        var run = HandleAsync(["sh", "-c", script], Context("{}"), cancel.Token);
        var left = await ProcessIdAsync($"{directory.Path}/left");

        if (end.StartsWith("while", StringComparison.Ordinal))
            await cancel.CancelAsync();
        await Eventually.IsTrue(() => run.IsCompleted);
        await Eventually.IsTrue(() => !IsAlive(left));
    }

    [Fact]
    public async Task The_processes_of_another_start_of_a_job_are_left_alone()
    {
        using var directory = new TemporaryDirectory();
        using var cancel = new CancellationTokenSource();
        var other = HandleAsync(["sh", "-c", $"echo $$ > {directory.Path}/other; exec sleep 600"], Context("{}"), cancel.Token);
        var otherId = await ProcessIdAsync($"{directory.Path}/other");

        await RunAsync(["true"]);

        IsAlive(otherId).Should().BeTrue();
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => other).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_daemon_in_a_session_of_its_own_that_keeps_writing_does_not_hold_up_the_end()
    {
        using var directory = new TemporaryDirectory();
        var context = Context("{}");
        try
        {
            var script = $"setsid sh -c 'echo $$ > {directory.Path}/daemon; exec yes' & while [ ! -s {directory.Path}/daemon ]; do sleep 0.01; done";
            await HandleAsync(["sh", "-c", script], context).WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            var daemon = await ProcessIdAsync($"{directory.Path}/daemon");
            await Eventually.IsTrue(() => !IsAlive(daemon));
        }
    }

    [Fact]
    public async Task Many_commands_at_once_each_get_their_own_input_output_and_exit_code()
    {
        var runs = Enumerable.Range(0, 100).Select(async i =>
        {
            var context = Context(i.ToString(CultureInfo.InvariantCulture));
            var run = HandleAsync(["sh", "-c", $"cat; exit {i % 2 * 7}"], context);
            if (i % 2 == 0)
            {
                await run;
                Encoding.UTF8.GetString(context.Result!.Value.Span).Should().Be($"{i}");
            }
            else
            {
                (await FluentActions.Awaiting(() => run).Should().ThrowAsync<RetryJobException>()).Which.Message.Should().Be("sh exited with 7");
            }
        });

        await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task<string?> RunAsync(string[] command, string payload = "{}")
    {
        var context = Context(payload);
        await HandleAsync(command, context).WaitAsync(TimeSpan.FromSeconds(20));
        return context.Result is { } result ? Encoding.UTF8.GetString(result.Span).TrimEnd('\n') : null;
    }

    private static Task HandleAsync(string[] command, JobContext context, CancellationToken cancellationToken = default) =>
        HandleAsync(command, context, TimeProvider.System, cancellationToken);

    private static Task HandleAsync(string[] command, JobContext context, TimeProvider time, CancellationToken cancellationToken) =>
        new ExecJobHandler(new ExecHandlerOptions { Command = command }, time).HandleAsync(context, cancellationToken);

    private static JobContext Context(string payload) => new(new JobEnvelope
    {
        Id = JobId.Create("q", tracked: true, TimeProvider.System),
        Type = "t",
        Payload = Encoding.UTF8.GetBytes(payload),
        Retry = RetryPolicy.Default,
        Attempt = 2,
        Epoch = 3,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });

    private static async Task<int> ProcessIdAsync(string path)
    {
        var id = 0;
        await Eventually.IsTrue(() => File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out id));
        return id;
    }

    // A zombie is dead: who reaps it is init's affair.
    private static bool IsAlive(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("k8squeue-exec-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
