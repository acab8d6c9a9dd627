using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>Follows what a pool's workers write, from their start to their end: how many jobs each had at SIGTERM, by its own word.</summary>
internal sealed partial class WorkerLogs : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Task> _followed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _heard = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _jobsAtEnd = new(StringComparer.Ordinal);
    private readonly string _kubeconfig;
    private readonly TestNamespace _space;
    private readonly string _pool;
    private readonly Task _looking;

    public WorkerLogs(EndToEndEnvironment environment, TestNamespace space, string pool)
    {
        (_kubeconfig, _space, _pool) = (environment.Stack.Kubeconfig, space, pool);
        _looking = LookAsync();
    }

    /// <summary>Jobs that each worker ran when it was told to end, by pod.</summary>
    public IReadOnlyDictionary<string, int> JobsAtEnd => _jobsAtEnd;

    /// <summary>Pods whose log has come: no line of it is missed any more. One that is gone as soon as it is there may not be asked in time.</summary>
    public IReadOnlyCollection<string> Heard => [.. _heard.Keys];

    /// <summary>Reads on until every worker that was seen to start has ended.</summary>
    public Task WhenAllEndedAsync() => Task.WhenAll(_followed.Values).WaitAsync(TestNamespace.Patience, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        await Task.WhenAll(_followed.Values);
        _stop.Dispose();
    }

    private async Task LookAsync()
    {
        try
        {
            while (true)
            {
                foreach (var pod in await _space.PodsAsync(_pool))
                {
                    if (pod.Status?.ContainerStatuses?.Exists(status => status.State?.Running is not null) == true)
                        _ = _followed.GetOrAdd(pod.Metadata.Name!, FollowAsync);
                }

                await Task.Delay(Interval, TimeProvider.System, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task FollowAsync(string pod)
    {
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", _kubeconfig, "--namespace", _space.Name, "logs", "--follow", pod])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(_stop.Token) is { } line)
            {
                _heard[pod] = true;
                if (Draining().Match(line) is { Success: true } match)
                    _jobsAtEnd[pod] = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }

        await process.WaitForExitAsync(CancellationToken.None);
    }

    [GeneratedRegex(@"Draining: (\d+) jobs run")]
    private static partial Regex Draining();
}
