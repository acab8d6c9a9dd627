using System.Text;

namespace K8sQueue.Api.Hosting;

/// <summary>A secret of the settings: itself, or the file that has it. <see cref="RotatedSecret"/> follows the file.</summary>
internal sealed class SecretSetting
{
    /// <summary>What the name of a setting ends with that names the file.</summary>
    public const string FileSuffix = "_FILE";

    private readonly string _variable;
    private readonly string? _file;
    private readonly int _minBytes;

    private SecretSetting(string variable, string? file, string? text, int minBytes)
    {
        (_variable, _file, _minBytes) = (variable, file, minBytes);
        Text = text is null ? Read() : Checked(text);
    }

    /// <summary>What it was at the start, without the space around it.</summary>
    public string Text { get; }

    /// <summary>Whether a file has it.</summary>
    public bool IsOfFile => _file is not null;

    /// <summary>The name of the setting.</summary>
    public string Name => IsOfFile ? _variable + FileSuffix : _variable;

    /// <summary>Reads the secret; null where there is none. The setting itself goes before its file.</summary>
    /// <exception cref="ApiConfigurationException">The file can't be read or is empty, or the secret is too short.</exception>
    public static SecretSetting? From(IConfiguration configuration, string variable, int minBytes = 1)
    {
        if (configuration.Text(variable) is { } text)
            return new SecretSetting(variable, file: null, text, minBytes);
        return configuration.Text(variable + FileSuffix) is { } file ? new SecretSetting(variable, file, text: null, minBytes) : null;
    }

    /// <summary>The secret as the file has it now.</summary>
    /// <exception cref="ApiConfigurationException">The file can't be read or is empty, or the secret is too short.</exception>
    public string Read()
    {
        try
        {
            var text = File.ReadAllText(_file!);
            return string.IsNullOrWhiteSpace(text) ? throw new ApiConfigurationException($"The file that {Name} names is empty.") : Checked(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ApiConfigurationException($"{Name} can't be read: {e.Message}");
        }
    }

    private string Checked(string text)
    {
        var secret = text.Trim();
        var bytes = Encoding.UTF8.GetByteCount(secret);
        return bytes >= _minBytes
            ? secret
            : throw new ApiConfigurationException($"{_variable} has {bytes} bytes; it must have {_minBytes} at least: `openssl rand -base64 48` makes one.");
    }
}
