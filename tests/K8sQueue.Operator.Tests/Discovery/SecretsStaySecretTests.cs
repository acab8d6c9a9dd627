using System.Text;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Controllers.ConnectionBudgets;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Operator.Tests.Discovery;

/// <summary>All that is written while servers are read, searched for what was read from Secrets.</summary>
public sealed class SecretsStaySecretTests
{
    // In a user's, a password's and a database's place, with what a URL escapes. Where the server is, is told.
    private const string Password = "p4ss wörd/secret";
    private const string Marker = "p4ss";

    private readonly FakeCluster _cluster = new(new ManualTimeProvider());
    private readonly StringBuilder _written = new();

    [Theory]
    [InlineData("postgresql://worker:PASSWORD@127.0.0.1:PORT/postgres")]
    [InlineData("postgresql://PASSWORD:x@127.0.0.1:PORT/postgres")]
    [InlineData("postgresql://worker:x@127.0.0.1:PORT/PASSWORD")]
    [InlineData("Host=127.0.0.1;Port=PORT;PASSWORD=1")]
    [InlineData("PASSWORD")]
    [InlineData("host=127.0.0.1 port=PORT user=worker password=PASSWORD dbname=x;")]
    [InlineData("host=127.0.0.1\nport=PORT\nuser=worker\npassword=PASSWORD\ndbname=x\n")]
    [InlineData("host=127.0.0.1\tport=PORT\tuser=worker\tpassword=PASSWORD")]
    [InlineData("user=worker password=PASSWORD;host=127.0.0.1 port=PORT")]
    [InlineData("postgresql://worker:4711#PASSWORD@127.0.0.1:PORT/postgres")]
    [InlineData("postgresql://worker:4711/PASSWORD@127.0.0.1:PORT/postgres")]
    [InlineData("postgresql://worker:4711?PASSWORD@127.0.0.1:PORT/postgres")]
    [InlineData("postgresql://worker:4711@PASSWORD@127.0.0.1:PORT/postgres")]
    public async Task Neither_status_nor_events_nor_logs_have_any_of_it(string text)
    {
        await using var server = await PostgresServer.StartAsync();
        var url = text.Replace("PASSWORD", Uri.EscapeDataString(Password), StringComparison.Ordinal).Replace("PORT", $"{server.Port}", StringComparison.Ordinal);
        _cluster.Create(DiscoverySamples.Secret("db", ("url", url)));
        _cluster.Create(DiscoverySamples.PostgresBudget());

        await FailAsync();

        var status = OperatorJson.ToObject(Budget.Status!).ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        (status + _written).Should().NotContain(Marker).And.NotContain("wörd").And.NotContain("w%C3%B6rd");
        _written.ToString().Should().Contain("can't be read", "there is something to search");
    }

    private V1Alpha1ConnectionBudget Budget => _cluster.Get<V1Alpha1ConnectionBudget>("db", Samples.Namespace)!;

    private async Task FailAsync()
    {
        var client = new FakeKubernetesClient(_cluster);
        var ended = new EndedPods(TimeProvider.System);
        var discovery = new CapacityDiscovery(
            new CapacityReader(client, new ServerGuard(allowLinkLocal: false)), new HeldEvidence(client, ended, TimeProvider.System), TimeProvider.System, new Recorder(_written));
        var controller = new ConnectionBudgetController(
            client, FakeStores.Over(_cluster), ended, new KeyedLocks(), PublishAsync, TimeProvider.System, discovery);
        await Eventually.IsTrue(async () =>
        {
            await controller.ReconcileAsync(Budget, CancellationToken.None);
            return Budget.Status?.Conditions.Find("Discovered")?.Status == V1Condition.False;
        });
    }

    private Task PublishAsync(IKubernetesObject entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        _written.AppendLine(message);
        return Task.CompletedTask;
    }

    private sealed class Recorder(StringBuilder written) : ILogger<CapacityDiscovery>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (written)
                written.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
        }
    }
}
