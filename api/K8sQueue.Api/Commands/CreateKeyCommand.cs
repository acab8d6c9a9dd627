using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;

namespace K8sQueue.Api.Commands;

/// <summary><c>create-key NAME</c>: makes an API key and shows it once.</summary>
internal static class CreateKeyCommand
{
    public const string Name = "create-key";

    public static int Run(ReadOnlySpan<string> arguments, TextWriter output, TextWriter error)
    {
        if (arguments is not [var name] || !ApiKey.IsValidName(name))
        {
            error.WriteLine($"usage: dotnet K8sQueue.Api.dll {Name} NAME   (NAME: 1 to 64 letters, digits, '-', '_' or '.')");
            return 2;
        }

        var (secret, key) = ApiKey.Create(name);
        output.WriteLine($"key:  {secret}");
        output.WriteLine($"line: {key.Line}");
        error.WriteLine("The key is shown this once; keep it where the producer reads it.");
        error.WriteLine(
            $"Put the line into the file that {ApiOptions.KeysFileVariable} names; it is read again within {ApiKeyRing.Interval.TotalSeconds:0} s.");
        return 0;
    }
}
