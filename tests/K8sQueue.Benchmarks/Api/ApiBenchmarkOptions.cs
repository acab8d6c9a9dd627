namespace K8sQueue.Benchmarks.Api;

/// <summary>What one run of the benchmark of the API does.</summary>
internal sealed record ApiBenchmarkOptions
{
    public static readonly ApiBenchmarkOptions Full = new()
    {
        Load = TimeSpan.FromSeconds(8), Alone = TimeSpan.FromSeconds(3), WarmUp = TimeSpan.FromSeconds(15), Runs = 3,
    };

    public static readonly ApiBenchmarkOptions Quick = new()
    {
        Load = TimeSpan.FromSeconds(2), Alone = TimeSpan.FromSeconds(1), WarmUp = TimeSpan.FromSeconds(2), Runs = 1,
    };

    /// <summary>How long each is under load.</summary>
    public required TimeSpan Load { get; init; }

    /// <summary>How long each answers one request after the other.</summary>
    public required TimeSpan Alone { get; init; }

    /// <summary>How long each is under load before it is measured: until then it is compiled anew, with measurements in it that cost more than they gain.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Runs, of which the medians count.</summary>
    public required int Runs { get; init; }

    /// <summary>Connections of the load, each with one request under way.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Jobs of the stream whose memory is measured; 0 for none.</summary>
    public int BulkJobs { get; init; } = 100_000;

    /// <summary>The API's assembly.</summary>
    public FileInfo Program { get; init; } = new("K8sQueue.Api.dll");

    /// <summary>The contenders that are measured, of <see cref="ApiContender.Names"/>.</summary>
    public IReadOnlyList<string> Only { get; init; } = ApiContender.Names;

    /// <summary>The folder of bench-api.json.</summary>
    public DirectoryInfo Output { get; init; } = new("artifacts");
}
