using System.Globalization;
using K8sQueue.LocalCluster.Autoscaling.Formulas;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Autoscaling.Scalers.External;
using K8sQueue.LocalCluster.Autoscaling.Targets;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>What one poll of the triggers found.</summary>
/// <param name="Errors">Why triggers could not be read.</param>
internal sealed record ScaledObjectState(
    bool IsActive, IReadOnlyList<string> Errors, IReadOnlyList<string> ActiveTriggers, IReadOnlyDictionary<string, bool> Activity)
{
    public bool IsError => Errors.Count > 0;
}

/// <summary>
/// The triggers of one ScaledObject: read for the poll and for the HorizontalPodAutoscaler, with the formula and the fallback applied. After an error all
/// scalers are made again, so that a changed Secret is seen.
/// </summary>
internal sealed class ScaledObjectMetrics(
    ScaledObject value, Func<Trigger, IScaler> create, ScaleTargets targets, AutoscalingOptions options, TimeProvider time) : IDisposable
{
#pragma warning disable CA2213 // A gate that is disposed never lets in those that wait for it.
    private readonly SemaphoreSlim _gate = new(1);
#pragma warning restore CA2213
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly Formula? _formula = value.Modifiers is { } modifiers ? ScaledObjectRules.Compile(value, modifiers) : null;
    private IReadOnlyList<(Trigger Trigger, IScaler Scaler)>? _scalers;
    private volatile bool _isGone;

    /// <summary>Failed reads in a row, by metric; only kept where there is a fallback.</summary>
    public IReadOnlyDictionary<string, int> Failures
    {
        get
        {
            lock (_failures)
                return new Dictionary<string, int>(_failures, StringComparer.Ordinal);
        }
    }

    /// <summary>The triggers with their scalers, made where they are not.</summary>
    /// <exception cref="ScalerException">A trigger is wrong.</exception>
    public IReadOnlyList<(Trigger Trigger, IScaler Scaler)> Scalers => _scalers ??= [.. value.Triggers.Select(t => (t, create(t)))];

    /// <summary>The scalers that say by themselves when the target is to leave zero, made for the caller: an error of the others doesn't end them.</summary>
    /// <exception cref="ScalerException">A trigger is wrong.</exception>
    public IReadOnlyList<IPushScaler> CreatePushScalers() =>
        [.. value.Triggers.Where(t => t.Type == ExternalPushScaler.Type).Select(create).OfType<IPushScaler>()];

    public async Task<ScaledObjectState> StateAsync(CancellationToken cancellationToken)
    {
        var readings = await ReadAllAsync(null, cancellationToken).ConfigureAwait(false);
        var errors = readings.Select(r => r.Error).OfType<string>().ToList();
        var activity = readings.ToDictionary(r => r.Metric, r => r.IsActive, StringComparer.Ordinal);
        if (value.Modifiers is not { } modifiers)
        {
            var active = readings.Where(r => r.IsActive).Select(r => r.Metric).ToList();
            return new(active.Count > 0, errors, active, activity);
        }

        var activation = double.TryParse(modifiers.ActivationTarget, CultureInfo.InvariantCulture, out var threshold) ? threshold : 0;
        var isActive = errors.Count == 0 && Composite(readings) is { } composite && composite > activation;
        return new(isActive, errors, isActive ? [ScaledObject.CompositeMetric] : [], activity);
    }

    /// <summary>A metric for the HorizontalPodAutoscaler.</summary>
    /// <exception cref="ScalerException">It cannot be told now.</exception>
    public async Task<double> MetricAsync(string metric, CancellationToken cancellationToken)
    {
        var isComposite = metric == ScaledObject.CompositeMetric;
        var readings = await ReadAllAsync(isComposite ? null : metric, cancellationToken).ConfigureAwait(false);
        if (readings.Count == 0)
            throw new ScalerException($"no matching metrics found for {metric}");
        if (readings.FirstOrDefault(r => r.Error is not null) is { } failed && !readings.Any(r => r.IsFallback))
            throw new ScalerException($"metric:{metric} encountered error: {failed.Error}");
        return isComposite
            ? Composite(readings) ?? throw new ScalerException("the formula came to nothing")
            : readings[0].Value ?? 0;
    }

    /// <summary>Whoever reads now or waits for its turn is answered still; later ones hear that it is gone.</summary>
    public void Dispose()
    {
        _isGone = true;
        _ = ForgetInTurnAsync();
    }

    private async Task ForgetInTurnAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        Forget();
        _gate.Release();
    }

    /// <summary>The formula's result in thousandths, as KEDA keeps it; a fallback's value where one is active; null where it cannot be told.</summary>
    private double? Composite(IReadOnlyList<Reading> readings)
    {
        if (readings.FirstOrDefault(r => r.IsFallback) is { } fallback)
            return fallback.Value;
        try
        {
            var values = readings.Where(r => r.Error is null).ToDictionary(r => r.Name, r => r.Value, StringComparer.Ordinal);
            var result = _formula!.Evaluate(values) ?? (value.Fallback is { } stated ? stated.Replicas * CompositeTarget : null);
            return result is { } number ? Math.Truncate(number * 1000) / 1000 : null;
        }
        catch (FormulaException)
        {
            return null;
        }
    }

    private double CompositeTarget => double.Parse(value.Modifiers!.Target, CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<Reading>> ReadAllAsync(string? metric, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isGone)
                throw new ScalerException("the ScaledObject is gone");
            var scalers = Scalers.Where(s => metric is null || s.Scaler.MetricName == metric);
            var readings = await Task.WhenAll(scalers.Select(s => ReadAsync(s.Trigger, s.Scaler, cancellationToken))).ConfigureAwait(false);
            if (readings.Any(r => r.Error is not null))
                Forget();
            return readings;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Reading> ReadAsync(Trigger trigger, IScaler scaler, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ScalerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var read = await scaler.ReadAsync(either.Token).ConfigureAwait(false);
            Count(scaler.MetricName, failed: false);
            return new(scaler.MetricName, trigger.Name, read, read > scaler.Activation);
        }
        catch (ScalerException e)
        {
            return Failed(trigger, scaler, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(trigger, scaler, $"no answer within {options.ScalerTimeout.TotalSeconds:0.#} s");
        }
    }

    private Reading Failed(Trigger trigger, IScaler scaler, string error)
    {
        var failures = Count(scaler.MetricName, failed: true);
        var reading = new Reading(scaler.MetricName, trigger.Name, null, false, error);
        if (!FallbackMath.IsValid(value) || failures <= value.Fallback!.FailureThreshold)
            return reading;
        if (value.Fallback.Behavior == "scalingModifiers")
            return reading with { Error = null };
        try
        {
            var scale = targets.Read(value.Namespace, value.Target);
            var target = value.Modifiers is null ? scaler.Target : CompositeTarget;
            var byReady = (value.Modifiers?.MetricType ?? trigger.MetricType) == "Value" ? scale.StatusReplicas : (int?)null;
            return new(scaler.MetricName, trigger.Name, FallbackMath.Value(FallbackMath.Replicas(value.Fallback, scale.SpecReplicas), target, byReady), true) { IsFallback = true };
        }
        catch (ScaleTargetException)
        {
            return reading;
        }
    }

    private int Count(string metric, bool failed)
    {
        if (!FallbackMath.IsValid(value))
            return 0;
        lock (_failures)
            return _failures[metric] = failed ? _failures.GetValueOrDefault(metric) + 1 : 0;
    }

    private void Forget()
    {
        foreach (var (_, scaler) in _scalers ?? [])
            scaler.Dispose();
        _scalers = null;
    }

    private sealed record Reading(string Metric, string Name, double? Value, bool IsActive, string? Error = null)
    {
        public bool IsFallback { get; init; }
    }
}
