using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace K8sQueue.Core.Jobs;

/// <summary>
/// Which queue the jobs of a type go to. Producers ask it when they enqueue; a worker that is told its job types reads the queues of
/// those. A queue gives any of its jobs to any of its workers, so types that are to have workers of their own need a queue of their own.
/// </summary>
public sealed class JobRoutes
{
    /// <summary>The route of every type that has none of its own.</summary>
    public const string CatchAll = "*";

    /// <summary>The configuration key, and the environment variable; with <c>_FILE</c> appended, of a file that holds the value.</summary>
    public const string Variable = "K8SQUEUE_ROUTES";

    /// <summary>No routes: a producer names the queue.</summary>
    public static readonly JobRoutes None = new(new Dictionary<string, string>());

    private const string Shape = """{"<job type or *>": "<queue>"}""";

    private readonly FrozenDictionary<string, string> _queues;

    /// <param name="queues">The queue of each job type; <see cref="CatchAll"/> stands for all other types.</param>
    /// <exception cref="FormatException">A type or a queue's name is wrong; the message names it.</exception>
    public JobRoutes(IReadOnlyDictionary<string, string> queues)
    {
        ArgumentNullException.ThrowIfNull(queues);
        foreach (var (type, queue) in queues)
        {
            if (string.IsNullOrWhiteSpace(type) || type.Length > JobLimits.MaxTypeLength)
                throw new FormatException($"A job type has 1 to {JobLimits.MaxTypeLength} characters, not '{type}'.");
            if (!QueueName.IsValid(queue))
                throw new FormatException($"'{queue}', the queue of '{type}', is not a queue name: {QueueName.Rule}.");
        }

        _queues = queues.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public bool IsEmpty => _queues.Count == 0;

    /// <summary>Reads routes from JSON: an object of queues by job type.</summary>
    /// <exception cref="FormatException">The text is wrong; the message says where.</exception>
    public static JobRoutes Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException($"Expected {Shape}.");
            return new JobRoutes(document.RootElement.EnumerateObject().ToDictionary(
                route => route.Name,
                route => route.Value.ValueKind == JsonValueKind.String
                    ? route.Value.GetString()!
                    : throw new FormatException($"The queue of '{route.Name}' must be a string. Expected {Shape}."),
                StringComparer.Ordinal));
        }
        catch (JsonException e)
        {
            throw new FormatException($"{e.Message.TrimEnd('.')}. Expected {Shape}.", e);
        }
    }

    /// <summary>What <see cref="Variable"/>, or the file that it names, holds; <see cref="None"/> where neither is set.</summary>
    /// <exception cref="FormatException">The value is wrong, or the file can't be read; the message names the key.</exception>
    public static JobRoutes From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var file = configuration[Variable + "_FILE"];
        try
        {
            return configuration[Variable] is { Length: > 0 } json ? Parse(json)
                : string.IsNullOrEmpty(file) ? None
                : Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{Variable}: {e.Message}", e);
        }
    }

    public bool TryGetQueue(string type, [NotNullWhen(true)] out string? queue) =>
        _queues.TryGetValue(type, out queue) || _queues.TryGetValue(CatchAll, out queue);

    /// <summary>The queue of a type.</summary>
    /// <exception cref="ArgumentException">There is none; the message names the types that have one.</exception>
    public string QueueOf(string type) => TryGetQueue(type, out var queue) ? queue : throw new ArgumentException(
        $"There is no route for job type '{type}'. Types with a route: {(IsEmpty ? "none" : string.Join(", ", _queues.Keys.Order(StringComparer.Ordinal)))}.",
        nameof(type));
}
