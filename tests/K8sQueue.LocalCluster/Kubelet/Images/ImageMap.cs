namespace K8sQueue.LocalCluster.Kubelet.Images;

/// <summary>Which command stands for which image, as an image's ENTRYPOINT would.</summary>
public sealed class ImageMap
{
    private readonly Dictionary<string, IReadOnlyList<string>> _commands = new(StringComparer.Ordinal);

    /// <summary>Reads <c>image=command line</c>, the form of the option <c>--image</c>. An image without a tag stands for every tag.</summary>
    /// <exception cref="FormatException">There is no image, or no command.</exception>
    public static ImageMap Parse(IEnumerable<string> settings)
    {
        var map = new ImageMap();
        foreach (var setting in settings)
        {
            var separator = setting.IndexOf('=', StringComparison.Ordinal);
            var command = separator > 0 ? CommandLine.Split(setting[(separator + 1)..]) : [];
            if (command.Count == 0)
                throw new FormatException($"Not of the form image=command: {setting}");
            map.Add(setting[..separator].Trim(), command);
        }

        return map;
    }

    public void Add(string image, IReadOnlyList<string> command) => _commands[image] = command;

    /// <summary>The image's command: by its whole name, else by its repository; null where the image is unknown.</summary>
    public IReadOnlyList<string>? Find(string image) =>
        _commands.TryGetValue(image, out var exact) ? exact : _commands.GetValueOrDefault(Repository(image));

    private static string Repository(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var name = digest < 0 ? image : image[..digest];
        var tag = name.LastIndexOf(':');
        return tag > name.LastIndexOf('/') ? name[..tag] : name;
    }
}
