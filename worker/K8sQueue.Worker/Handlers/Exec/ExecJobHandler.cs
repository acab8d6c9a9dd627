using System.Collections;
using System.ComponentModel;
using System.Globalization;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Handlers.Exec;

/// <summary>
/// Runs a command with the payload on its standard input. Exit code 0 is done, and standard output the result; 65 (EX_DATAERR of
/// sysexits.h: the input is wrong) is a dead letter; everything else is tried again.
/// </summary>
internal sealed class ExecJobHandler(ExecHandlerOptions options, TimeProvider time)
{
    // Together they name one start of one job.
    private const string JobIdVariable = "K8SQUEUE_JOB_ID";
    private const string FencingTokenVariable = "K8SQUEUE_JOB_FENCING_TOKEN";

    private const int DataError = 65;
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;

    private readonly Dictionary<string, string> _inherited = InheritedEnvironment();

    public async Task HandleAsync(JobContext context, CancellationToken cancellationToken)
    {
        CommandResult result;
        var environment = Environment(context);
        try
        {
            result = await CommandRun.RunAsync(options.Command, environment, context.Payload, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Win32Exception e) when (e.NativeErrorCode is NoSuchFile or AccessDenied)
        {
            throw new RetryJobException($"The command of '{context.Type}' jobs is missing or may not be run. {e.Message}", e);
        }
        finally
        {
            Leftovers.Kill(Variable(environment, JobIdVariable), Variable(environment, FencingTokenVariable));
        }

        if (result.ExitCode == 0)
        {
            if (JobResultText.FromOutput(result.Output) is { } json)
                context.SetResult(json);
            return;
        }

        var how = result.ExitCode > 128 ? $"was ended by signal {result.ExitCode - 128}" : $"exited with {result.ExitCode}";
        var message = $"{options.Command[0]} {how}: {result.ErrorTail.Trim()}".TrimEnd(':', ' ');
        if (result.ExitCode == DataError)
            throw new UnrecoverableJobException(message);
        throw new RetryJobException(message);
    }

    private static string Variable(Dictionary<string, string> environment, string name) => $"{name}={environment[name]}";

    private Dictionary<string, string> Environment(JobContext context)
    {
        var environment = new Dictionary<string, string>(_inherited, StringComparer.Ordinal)
        {
            [JobIdVariable] = context.JobId.Value,
            ["K8SQUEUE_JOB_TYPE"] = context.Type,
            ["K8SQUEUE_JOB_QUEUE"] = context.Queue,
            ["K8SQUEUE_JOB_ATTEMPT"] = context.Attempt.ToString(CultureInfo.InvariantCulture),
            ["K8SQUEUE_JOB_MAX_ATTEMPTS"] = context.MaxAttempts.ToString(CultureInfo.InvariantCulture),
            [FencingTokenVariable] = context.FencingToken.ToString(CultureInfo.InvariantCulture),
        };
        if (context.ScheduledFor is { } due)
        {
            environment["K8SQUEUE_JOB_SCHEDULE"] = context.Schedule!;
            environment["K8SQUEUE_JOB_SCHEDULED_FOR"] = JobTimes.Text(due);
        }

        if (context.Batch is { } batch)
            environment["K8SQUEUE_JOB_BATCH"] = batch.Value;
        if (WorkerTracing.TraceParent(context) is { } traceParent)
            environment["TRACEPARENT"] = traceParent;
        return environment;
    }

    // The worker's own settings hold secrets (the broker's password, the management token): a command gets none of them.
    private static Dictionary<string, string> InheritedEnvironment()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (!name.StartsWith("K8SQUEUE_", StringComparison.Ordinal))
                environment[name] = (string?)entry.Value ?? string.Empty;
        }

        return environment;
    }
}
