using System.ComponentModel;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Probes;
using K8sQueue.LocalCluster.Kubelet.Processes;
using K8sQueue.LocalCluster.Kubelet.Volumes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>One life of a container, from the start of its process to its end: with its probes, and with its hooks.</summary>
internal sealed class ContainerRun(
    PodContext pod, JsonObject container, ProcessSpec spec, Action<Func<ContainerSnapshot, ContainerSnapshot>> change)
{
    /// <summary>What a container gets after a preStop hook that used the whole grace period.</summary>
    private static readonly TimeSpan MinimumGrace = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<string> _unhealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<ContainerState.Terminated> RunAsync()
    {
        var startedAt = pod.Time.GetUtcNow();
        ProcessGroup process;
        try
        {
            process = ProcessGroup.Start(spec, pod.Instance);
        }
        catch (Exception e) when (e is FileNotFoundException or Win32Exception)
        {
            pod.Tell(EventRecorder.Warning, "Failed", $"Error: failed to start container \"{container.TextAt("name")}\": {e.Message}", container);
            return new(ProcessGroup.StartErrorCode, "StartError", e.Message, startedAt, startedAt, spec.ContainerId);
        }

        var hasStartup = container.MapAt("startupProbe") is not null;
        change(s => s with
        {
            State = new ContainerState.Running(startedAt),
            ContainerId = spec.ContainerId,
            Started = !hasStartup,
            Ready = !hasStartup && container.MapAt("readinessProbe") is null,
        });
        pod.Tell(EventRecorder.Normal, "Created", $"Created container: {container.TextAt("name")}", container);
        pod.Tell(EventRecorder.Normal, "Started", $"Started container {container.TextAt("name")}", container);
        var code = await SuperviseAsync(process).ConfigureAwait(false);
        return new(code, code == 0 ? "Completed" : "Error", null, startedAt, pod.Time.GetUtcNow(), spec.ContainerId);
    }

    private async Task<int> SuperviseAsync(ProcessGroup process)
    {
        using var ended = new CancellationTokenSource();
        var probes = ProbeAsync(ended.Token);
        try
        {
            await Task.WhenAny(process.Exited, _unhealthy.Task, pod.Termination.Started).ConfigureAwait(false);
            if (!process.Exited.IsCompleted)
            {
                var why = _unhealthy.Task.IsCompletedSuccessfully && !pod.Termination.Requested.IsCancellationRequested
                    ? $"Container {container.TextAt("name")} {await _unhealthy.Task.ConfigureAwait(false)}, will be restarted"
                    : $"Stopping container {container.TextAt("name")}";
                await StopAsync(process, why).ConfigureAwait(false);
            }

            return await process.Exited.ConfigureAwait(false);
        }
        finally
        {
            process.KillAll();
            await ended.CancelAsync().ConfigureAwait(false);
            await probes.ConfigureAwait(false);
        }
    }

    private async Task StopAsync(ProcessGroup process, string why)
    {
        pod.Tell(EventRecorder.Normal, "Killing", why, container);
        using var own = new CancellationTokenSource(
            pod.Termination.Requested.IsCancellationRequested ? Timeout.InfiniteTimeSpan : pod.GracePeriod, pod.Time);
        using var expired = CancellationTokenSource.CreateLinkedTokenSource(own.Token, pod.Termination.Expired);
        var hook = expired.IsCancellationRequested ? null : container.MapAt("lifecycle", "preStop");
        if (hook is not null)
            await PreStopAsync(hook, expired.Token).ConfigureAwait(false);
        process.Signal(Signals.Terminate);
        using var extra = new CancellationTokenSource(MinimumGrace, pod.Time);
        var limit = expired.IsCancellationRequested && hook is not null ? extra.Token : expired.Token;
        try
        {
            await process.Exited.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.KillAll();
        }
    }

    private async Task PreStopAsync(JsonObject hook, CancellationToken expired)
    {
        try
        {
            var attempt = hook.IntegerAt("sleep", "seconds") is { } seconds
                ? await SleepAsync(seconds, expired).ConfigureAwait(false)
                : await pod.Probes.AttemptAsync(hook, container, pod.Address, Execute, Timeout.InfiniteTimeSpan, expired).ConfigureAwait(false);
            if (!attempt.Succeeded)
                pod.Tell(EventRecorder.Warning, "FailedPreStopHook", $"PreStopHook failed: {attempt.Failure}", container);
        }
        catch (OperationCanceledException)
        {
            pod.Tell(EventRecorder.Warning, "FailedPreStopHook", "PreStopHook did not end within the grace period", container);
        }
    }

    private async Task<ProbeAttempt> SleepAsync(int seconds, CancellationToken expired)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), pod.Time, expired).ConfigureAwait(false);
        return ProbeAttempt.Success;
    }

    /// <summary>Startup first; then readiness and liveness, side by side, until the container ends.</summary>
    private async Task ProbeAsync(CancellationToken ended)
    {
        try
        {
            if (container.MapAt("startupProbe") is { } startup)
            {
                var passed = false;
                await ProbeAsync("Startup", startup, verdict =>
                {
                    if (!verdict)
                        _unhealthy.TrySetResult("failed startup probe");
                    return passed = verdict;
                }, ended).ConfigureAwait(false);
                if (!passed)
                    return;
                change(s => s with { Started = true, Ready = container.MapAt("readinessProbe") is null });
            }

            await Task.WhenAll(
                ProbeAsync("Readiness", container.MapAt("readinessProbe"), verdict =>
                {
                    change(s => s with { Ready = verdict });
                    return false;
                }, ended),
                ProbeAsync("Liveness", container.MapAt("livenessProbe"), verdict =>
                {
                    if (!verdict)
                        _unhealthy.TrySetResult("failed liveness probe");
                    return !verdict;
                }, ended)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The container ended, and with it what probes it.
        }
    }

    private async Task ProbeAsync(string kind, JsonObject? probe, Func<bool, bool> isDone, CancellationToken ended)
    {
        if (probe is null)
            return;
        var settings = ProbeSettings.Of(probe);
        var threshold = new ProbeThreshold(settings);
        await Task.Delay(settings.InitialDelay, pod.Time, ended).ConfigureAwait(false);
        while (true)
        {
            var attempt = await pod.Probes.AttemptAsync(probe, container, pod.Address, Execute, settings.Timeout, ended).ConfigureAwait(false);
            if (!attempt.Succeeded)
                pod.Tell(EventRecorder.Warning, "Unhealthy", $"{kind} probe failed: {attempt.Failure}", container);
            if (threshold.Observe(attempt.Succeeded) is { } verdict && isDone(verdict))
                return;
            await Task.Delay(settings.Period, pod.Time, ended).ConfigureAwait(false);
        }
    }

    private ProcessGroup Execute(IReadOnlyList<string> command)
    {
        var mounts = pod.Volumes.Mounts(pod.Pod, container);
        return ProcessGroup.Start(spec with { Command = [.. command.Select(c => PodVolumes.Rewrite(c, mounts))] }, pod.Instance);
    }
}
