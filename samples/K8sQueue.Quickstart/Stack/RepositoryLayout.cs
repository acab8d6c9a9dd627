namespace K8sQueue.Quickstart.Stack;

/// <summary>Finds the programs that were built beside this one.</summary>
public static class RepositoryLayout
{
    /// <summary>The folder that holds K8sQueue.sln.</summary>
    public static string Root { get; } = FindRoot();

    // bin/<configuration>/net10.0/
    private static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name;

    /// <summary>The built assembly of a project, for example <c>operator/K8sQueue.Operator</c>.</summary>
    public static string Program(string project)
    {
        var path = Path.Combine(Root, project, "bin", Configuration, "net10.0", Path.GetFileName(project) + ".dll");
        return File.Exists(path) ? path : throw new QuickstartException($"{path} is missing: build K8sQueue.sln first.");
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "K8sQueue.sln")))
                return directory.FullName;
        }

        throw new QuickstartException("Run this from within the repository: K8sQueue.sln was not found above the program.");
    }
}
