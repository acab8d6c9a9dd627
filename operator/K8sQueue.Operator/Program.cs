using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Operator.Entities.Schema;
using K8sQueue.Operator.Hosting;
using K8sQueue.Operator.Push;

if (args is ["crds", "--output", var folder])
{
    CrdYaml.Write(folder);
    return;
}

var builder = WebApplication.CreateSlimBuilder(args);
// A probe every few seconds is not worth a line each.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
var settings = OperatorSettings.From(builder.Configuration);
builder.WebHost.UseUrls(settings.Address);
builder.Services.AddOperatorTelemetry(builder.Configuration);
builder.Services.AddWorkerPoolOperator(settings);
builder.Services.AddK8sQueueMetrics();

var app = builder.Build();
app.Services.WatchEndedPods();
app.Services.GetRequiredService<OperatorMetrics>();
app.Services.GetService<PushMetrics>();
app.MapGet("/healthz", () => "ok");
app.MapGet("/readyz", (OperatorStatus status) => (status.HasSynced, status.Refused) switch
{
    (false, _) => Results.Text($"waiting for: {string.Join(", ", status.Unsynced)}", statusCode: 503),
    (true, []) => Results.Text("ok"),
    (true, var refused) => Results.Text($"ok, without what may not be listed: {string.Join(", ", refused)}"),
});
app.MapPrometheusMetrics();
await app.RunAsync();
