using System.Net.Sockets;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Processes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Probes;

/// <summary>Makes one attempt of a probe or a lifecycle hook: an HTTP request, a connection, or a command.</summary>
internal sealed class ProbeClient(TimeProvider time) : IDisposable
{
    private const int FirstUnsuccessful = 400;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,

        // CA5359: the kubelet does not check the certificate of what it probes either.
#pragma warning disable CA5359
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <param name="probe">A probe, or one of a container's <c>lifecycle</c> handlers.</param>
    /// <param name="execute">Starts a command inside the container.</param>
    public async Task<ProbeAttempt> AttemptAsync(
        JsonObject probe, JsonObject container, string podAddress, Func<IReadOnlyList<string>, ProcessGroup> execute,
        TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (probe.MapAt("httpGet") is { } http)
                return await HttpAsync(http, container, podAddress, either.Token).ConfigureAwait(false);
            if (probe.MapAt("tcpSocket") is { } tcp)
                return await TcpAsync(tcp, container, podAddress, either.Token).ConfigureAwait(false);
            if (probe.MapAt("exec") is { } exec)
                return await ExecAsync([.. exec.TextsAt("command")], execute, either.Token).ConfigureAwait(false);
            return ProbeAttempt.Failed("LocalCluster knows httpGet, tcpSocket and exec only");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ProbeAttempt.Failed($"timed out after {timeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or FileNotFoundException)
        {
            return ProbeAttempt.Failed(e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<ProbeAttempt> HttpAsync(JsonObject probe, JsonObject container, string podAddress, CancellationToken cancellationToken)
    {
        var scheme = probe.TextAt("scheme") == "HTTPS" ? "https" : "http";
        var path = probe.TextAt("path") ?? "/";
        var uri = new Uri($"{scheme}://{probe.TextAt("host") ?? podAddress}:{Port(probe, container)}{(path.StartsWith('/') ? path : $"/{path}")}");
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/localcluster");
        request.Headers.ConnectionClose = true;
        foreach (var header in probe.ObjectsAt("httpHeaders"))
            request.Headers.TryAddWithoutValidation(header.TextAt("name") ?? "", header.TextAt("value"));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        return status is >= 200 and < FirstUnsuccessful
            ? ProbeAttempt.Success
            : ProbeAttempt.Failed($"HTTP probe failed with statuscode: {status}");
    }

    private static async Task<ProbeAttempt> TcpAsync(JsonObject probe, JsonObject container, string podAddress, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(probe.TextAt("host") ?? podAddress, Port(probe, container), cancellationToken).ConfigureAwait(false);
        return ProbeAttempt.Success;
    }

    private static async Task<ProbeAttempt> ExecAsync(
        IReadOnlyList<string> command, Func<IReadOnlyList<string>, ProcessGroup> execute, CancellationToken cancellationToken)
    {
        var process = execute(command);
        try
        {
            var code = await process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
            return code == 0 ? ProbeAttempt.Success : ProbeAttempt.Failed($"command exited with {code}");
        }
        finally
        {
            process.KillGroup();
        }
    }

    private static int Port(JsonObject probe, JsonObject container)
    {
        if (probe.IntegerAt("port") is { } number)
            return number;
        var name = probe.TextAt("port") ?? "";
        return container.ObjectsAt("ports").FirstOrDefault(p => p.TextAt("name") == name)?.IntegerAt("containerPort")
            ?? (int.TryParse(name, out var parsed) ? parsed : throw new HttpRequestException($"no port is named \"{name}\""));
    }
}
