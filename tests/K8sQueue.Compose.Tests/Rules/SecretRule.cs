using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Secrets are files that git ignores; each is declared and used, and every path of one that a service is told of is there.</summary>
internal static partial class SecretRule
{
    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var file in topology.Files)
        {
            foreach (var (name, path) in file.Secrets)
            {
                if (path != $"./secrets/{name}")
                    yield return $"{name}: its file is '{path}', not ./secrets/{name}";
                if (!file.Services.Any(service => service.Secrets.Any(secret => secret.Name == name)))
                    yield return $"{name}: no service has it";
            }

            foreach (var service in file.Services)
            {
                foreach (var secret in service.Secrets.Where(secret => !file.Secrets.ContainsKey(secret.Name)))
                    yield return $"{service.Name}: the secret {secret.Name} is not declared";
                var named = service.Texts.Concat(file.MountedFiles(service).Select(mounted => mounted.Text))
                    .SelectMany(text => SecretPath().Matches(text).Select(match => match.Value)).ToHashSet();
                foreach (var path in named.Where(path => !service.Secrets.Any(secret => secret.Path == path)))
                    yield return $"{service.Name}: {path} is not among its secrets";
                foreach (var secret in service.Secrets.Where(secret => secret.Path.StartsWith("/run/secrets/", StringComparison.Ordinal) && !named.Contains(secret.Path)))
                    yield return $"{service.Name}: nothing reads the secret {secret.Name}";
            }
        }
    }

    [GeneratedRegex("/run/secrets/[a-z0-9-]+")]
    private static partial Regex SecretPath();
}
