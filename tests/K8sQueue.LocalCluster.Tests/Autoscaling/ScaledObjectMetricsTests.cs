using K8sQueue.LocalCluster.Autoscaling;
using K8sQueue.LocalCluster.Autoscaling.ScaledObjects;
using K8sQueue.LocalCluster.Autoscaling.Scalers;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class ScaledObjectMetricsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Who_waits_for_a_metric_of_a_ScaledObject_that_goes_is_answered()
    {
        var scaler = new HeldScaler();
        var metrics = new ScaledObjectMetrics(ScaledObjectSamples.Of("{}"), _ => scaler, targets: null!, new AutoscalingOptions(), TimeProvider.System);
        var reads = metrics.MetricAsync(scaler.MetricName, CancellationToken.None);
        var waits = metrics.MetricAsync(scaler.MetricName, CancellationToken.None);

        metrics.Dispose();
        scaler.Answer.SetResult(7);

        (await reads.WaitAsync(Bound)).Should().Be(7);
        (await FluentActions.Awaiting(() => waits.WaitAsync(Bound)).Should().ThrowAsync<ScalerException>()).WithMessage("*gone*");
        await scaler.Disposed.Task.WaitAsync(Bound);
    }

    private sealed class HeldScaler : IScaler
    {
        public TaskCompletionSource<double> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string MetricName => "s0-held";

        public double Target => 1;

        public double Activation => 0;

        public Task<double> ReadAsync(CancellationToken cancellationToken) => Answer.Task;

        public void Dispose() => Disposed.TrySetResult();
    }
}
