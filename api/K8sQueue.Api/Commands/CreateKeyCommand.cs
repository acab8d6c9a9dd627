using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Commands;

/// <summary><c>create-key NAME</c>: makes an API key, with scopes where options name them, and shows it once.</summary>
internal static class CreateKeyCommand
{
    public const string Name = "create-key";

    private const string Usage = $"usage: dotnet K8sQueue.Api.dll {Name} NAME [--verbs read+enqueue+manage] [--queues emails+orders-*] [--tenant acme]";

    public static int Run(ReadOnlySpan<string> arguments, TextWriter output, TextWriter error)
    {
        if (arguments is not [var name, .. var options] || !ApiKey.IsValidName(name))
        {
            error.WriteLine($"{Usage}   (NAME: 1 to 64 letters, digits, '-', '_' or '.')");
            return 2;
        }

        KeyScope scope;
        try
        {
            scope = ReadScope(options);
        }
        catch (FormatException e)
        {
            error.WriteLine($"{Usage}\nThis one {e.Message}.");
            return 2;
        }

        var (secret, key) = ApiKey.Create(name, scope);
        output.WriteLine($"key:  {secret}");
        output.WriteLine($"line: {key.Line}");
        error.WriteLine("The key is shown this once; keep it where the producer reads it.");
        error.WriteLine(
            $"Put the line into the file that {ApiOptions.KeysFileVariable} names; it is read again within {ApiKeyRing.Interval.TotalSeconds:0} s.");
        return 0;
    }

    // In the words of a line, so that both are read alike; a list may have commas too.
    private static KeyScope ReadScope(ReadOnlySpan<string> options)
    {
        var parts = new List<string>();
        for (var i = 0; i < options.Length; i += 2)
        {
            parts.Add(options[i] is "--verbs" or "--queues" or "--tenant" && i + 1 < options.Length && !options[i + 1].Contains(';')
                ? $"{options[i][2..]}={options[i + 1].Replace(',', '+')}"
                : throw new FormatException("has an option that is not known, or one without a value that could be its own"));
        }

        return parts.Count == 0 ? KeyScope.Everything : KeyScope.Parse(string.Join(';', parts));
    }
}
