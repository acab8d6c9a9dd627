using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Model;

/// <summary>A folder of deploy/compose: one compose file, or one a subfolder.</summary>
internal sealed class Topology
{
    private Topology(string name, IReadOnlyDictionary<string, string> texts)
    {
        Name = name;
        Texts = texts;
        Files =
        [
            .. texts.Keys.Where(path => Path.GetFileName(path) == "compose.yaml").Select(path => new ComposeFile(Path.GetDirectoryName(path)!, texts))
                .OrderBy(file => file.NeedsNetworks),
        ];
    }

    public static string Root { get; } = Path.Combine(RepositoryFolder.Root, "deploy", "compose");

    /// <summary>Those that there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)!).Order()];

    public string Name { get; }

    /// <summary>Every file that is committed, by its path in the folder.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; }

    /// <summary>In the order that they are started in.</summary>
    public IReadOnlyList<ComposeFile> Files { get; }

    public IEnumerable<(ComposeFile File, ComposeService Service)> Services => Files.SelectMany(file => file.Services.Select(service => (file, service)));

    public static Topology Load(string name)
    {
        var folder = Path.Combine(Root, name);
        return new Topology(name, Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(path => Path.GetFileName(path) != ".env" && !path.Split('/').Contains("secrets"))
            .ToDictionary(path => path, path => File.ReadAllText(Path.Combine(folder, path))));
    }

    /// <summary>The same with another text in one of the files.</summary>
    /// <exception cref="ArgumentException">The file does not have that text.</exception>
    public Topology With(string file, string text, string replacement)
    {
        if (!Texts[file].Contains(text, StringComparison.Ordinal))
            throw new ArgumentException($"{Name}/{file} does not have: {text}", nameof(text));
        return new Topology(Name, new Dictionary<string, string>(Texts) { [file] = Texts[file].Replace(text, replacement, StringComparison.Ordinal) });
    }
}
