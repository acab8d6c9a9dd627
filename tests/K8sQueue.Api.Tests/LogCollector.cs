using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Api.Tests;

/// <summary>Keeps what is logged, as <c>Level Category: message</c>.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IReadOnlyList<string> Entries => [.. _entries];

    /// <summary>Collects what a host logs, with a line for every request.</summary>
    public void AddTo(IWebHostBuilder builder)
    {
        builder.UseSetting("Logging:LogLevel:Microsoft.AspNetCore.HttpLogging", "Information");
        builder.ConfigureLogging(logging => logging.AddProvider(this));
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCollector owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner._entries.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
