using System.CommandLine;
using System.Runtime.InteropServices;
using K8sQueue.Quickstart;
using K8sQueue.Quickstart.Run;
using K8sQueue.Quickstart.Stack;

var jobs = new Option<int>("--jobs") { Description = "How many jobs to enqueue", DefaultValueFactory = _ => 3000 };
jobs.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < QuickstartOptions.FewestJobs)
        result.AddError($"--jobs must be at least {QuickstartOptions.FewestJobs}: fewer are done before the pool has grown to its budget.");
});
var keep = new Option<bool>("--keep") { Description = "Leave everything up afterwards, until Ctrl-C" };
var command = new RootCommand("Runs a WorkerPool on this machine, without a cluster: 0 -> n -> 0 within a ConnectionBudget, and checks what happened.")
{
    jobs, keep,
};
command.SetAction((parsed, token) => RunAsync(
    new QuickstartOptions
    {
        Jobs = parsed.GetValue(jobs),
        Keep = parsed.GetValue(keep),
        Directory = Directory.CreateTempSubdirectory("k8squeue-run-").FullName,
        Started = TimeProvider.System.GetTimestamp(),
    },
    token));

// Signals are handled below: an orderly end takes longer than the library would wait.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static async Task<int> RunAsync(QuickstartOptions options, CancellationToken cancellationToken)
{
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    var holds = false;
    try
    {
        Console.WriteLine("Starting redis-server, the stand-in cluster, the operator and the API ...");
        await using var endpoint = await WorkEndpoint.StartAsync(WorkEndpoint.DefaultPort);
        await using var stack = await LocalStack.StartAsync(new StackOptions { Directory = options.Directory }, stop.Token);
        using var kubernetes = stack.CreateClient();
        holds = await new QuickstartRun(stack, kubernetes, endpoint, options, TimeProvider.System).RunAsync(stop.Token);
        if (options.Keep)
            await KeepAsync(stack, options, stop.Token);
    }
    catch (QuickstartException e)
    {
        await Console.Error.WriteLineAsync($"make run: {e.Message}");
        return 1;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        await Console.Error.WriteLineAsync("Stopped.");
        if (!options.Keep || !holds)
            return 130;
    }

    if (!holds)
    {
        Console.WriteLine($"The logs are in {options.Directory}/logs.");
        return 1;
    }

    // Nobody looks at the logs of a run that went well.
    Directory.Delete(options.Directory, recursive: true);
    return 0;
}

static async Task KeepAsync(LocalStack stack, QuickstartOptions options, CancellationToken cancellationToken)
{
    Console.WriteLine($"""

        Everything is left up until Ctrl-C.
          export KUBECONFIG={stack.Kubeconfig}
          kubectl get workerpools
          API      {stack.ApiUrl}  (Authorization: Bearer {stack.ApiKey})
          Redis    {stack.RedisAddress}  (its password: kubectl get secret queue-redis -o jsonpath='{"{.data.password}"}' | base64 -d)
          logs     {options.Directory}/logs
        """);
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
}
