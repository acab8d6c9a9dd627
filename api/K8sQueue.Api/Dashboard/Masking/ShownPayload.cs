using System.Text;

namespace K8sQueue.Api.Dashboard.Masking;

/// <summary>A payload or a result as a page shows it.</summary>
/// <param name="Text">Its text: masked JSON, or what it is where that is none; null where it is not shown.</param>
/// <param name="IsJson">Whether it is JSON.</param>
/// <param name="Bytes">Its size.</param>
public sealed record ShownPayload(string? Text, bool IsJson, int Bytes)
{
    /// <summary>Whether it is not shown since it is no JSON, and so can't be masked, and has a name in it whose values are.</summary>
    public bool IsHidden { get; private init; }

    /// <summary>Whether a text that came back from an editor is still this one: browsers send line breaks as two characters.</summary>
    public bool IsStill(string edited)
    {
        ArgumentNullException.ThrowIfNull(edited);
        return edited.ReplaceLineEndings("\n") == Text?.ReplaceLineEndings("\n");
    }

    internal static ShownPayload Of(ReadOnlyMemory<byte> content, PayloadMask mask)
    {
        if (content.Length > PayloadMask.MaxShownBytes)
            return new ShownPayload(null, IsJson: false, content.Length);
        if (mask.Show(content) is { } json)
            return new ShownPayload(json, IsJson: true, content.Length);
        var text = Encoding.UTF8.GetString(content.Span);
        return mask.MayHide(text)
            ? new ShownPayload(null, IsJson: false, content.Length) { IsHidden = true }
            : new ShownPayload(text, IsJson: false, content.Length);
    }
}
