using System.Text.Json;

namespace K8sQueue.Core.Redis;

/// <summary>
/// The scripts of the queue as files, for programs in other languages: they call the very scripts that this assembly calls.
/// docs/reference/protocol.md says what each takes and answers.
/// </summary>
public static class RedisScriptExport
{
    /// <summary>The name of the file that lists the others.</summary>
    public const string ManifestFile = "manifest.json";

    // The others are shortcuts of this assembly (add, bulk, direct, started, look, due), its own measure of load and log of acts, or not the whole of what is to be done
    // (delete-queue): they may change with any release.
    private static readonly RedisScript[] Exported =
    [
        RedisScript.Enqueue, RedisScript.Join, RedisScript.Fetch, RedisScript.Beat, RedisScript.Complete, RedisScript.Finish, RedisScript.Retry,
        RedisScript.Release, RedisScript.Bury, RedisScript.Leave, RedisScript.Maintain, RedisScript.Redrive, RedisScript.DeleteDead,
        RedisScript.Cancel, RedisScript.Stop, RedisScript.Progress, RedisScript.Pause, RedisScript.Limits, RedisScript.Statistics, RedisScript.Events, RedisScript.Dead, RedisScript.Backlog,
    ];

    /// <summary>Writes each script, with what the scripts share, and <see cref="ManifestFile"/>; makes the directory where it is missing.</summary>
    /// <exception cref="IOException">A file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static void WriteTo(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        var manifest = new ScriptManifest(
            RedisServices.LayoutVersion, [.. Exported.Select(s => new ScriptManifestEntry(s.Name, $"{s.Name}.lua", s.Sha))]);
        foreach (var (script, entry) in Exported.Zip(manifest.Scripts))
            File.WriteAllText(Path.Combine(directory, entry.File), script.Text);
        File.WriteAllText(
            Path.Combine(directory, ManifestFile), JsonSerializer.Serialize(manifest, CoreJsonContext.Default.ScriptManifest) + "\n");
    }
}

/// <param name="Version">The version of keys, entries and scripts: the first argument of those that ask for it.</param>
/// <param name="Scripts">The scripts.</param>
internal sealed record ScriptManifest(string Version, IReadOnlyList<ScriptManifestEntry> Scripts);

/// <param name="Name">What docs/reference/protocol.md calls it.</param>
/// <param name="File">Its file, beside the manifest.</param>
/// <param name="Sha1">The name that EVALSHA takes.</param>
internal sealed record ScriptManifestEntry(string Name, string File, string Sha1);
