using K8sQueue.Api.Authentication;

namespace K8sQueue.Api.Hosting;

/// <summary>
/// A secret that is another one once its file has another: the file is read again when the secret is asked for, every <see cref="Interval"/> at most, and by
/// content, as the API's keys are. One that became unreadable, empty or too short leaves the last good secret in place and is logged.
/// </summary>
internal sealed partial class RotatedSecret
{
    public static readonly TimeSpan Interval = ApiKeyRing.Interval;

    private readonly SecretSetting _setting;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private long _readAt;
    private string? _lastError;
    private volatile string _text;

    public RotatedSecret(SecretSetting setting, TimeProvider time, ILogger logger)
    {
        (_setting, _time, _logger, _text) = (setting, time, logger, setting.Text);
        _readAt = time.GetTimestamp();
    }

    /// <summary>The secret that is good now.</summary>
    public string Text
    {
        get
        {
            if (_setting.IsOfFile && _time.GetElapsedTime(Volatile.Read(ref _readAt)) >= Interval && _gate.TryEnter())
            {
                try
                {
                    ReadAgain();
                }
                finally
                {
                    _gate.Exit();
                }
            }

            return _text;
        }
    }

    private void ReadAgain()
    {
        Volatile.Write(ref _readAt, _time.GetTimestamp());
        try
        {
            var text = _setting.Read();
            if (text != _text)
                Log.Rotated(_logger, _setting.Name);
            _text = text;
            _lastError = null;
        }
        catch (ApiConfigurationException e)
        {
            if (_lastError != e.Message)
                Log.ReloadFailed(_logger, e.Message);
            _lastError = e.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "The secret of {Setting} is another one")]
        public static partial void Rotated(ILogger logger, string setting);

        [LoggerMessage(11, LogLevel.Error, "A secret was not read again, the last good one stays: {Reason}")]
        public static partial void ReloadFailed(ILogger logger, string reason);
    }
}
