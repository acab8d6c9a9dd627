namespace K8sQueue.Testing;

/// <summary>Files of the repository that tests read. (A caller's file path will not do: a CI build maps it to <c>/_/</c>.)</summary>
public static class RepositoryFolder
{
    /// <summary>The folder that holds K8sQueue.sln.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "K8sQueue.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"No K8sQueue.sln above {AppContext.BaseDirectory}.");
    }
}
