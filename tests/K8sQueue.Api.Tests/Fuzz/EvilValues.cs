namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>What no client should send.</summary>
internal static class EvilValues
{
    private const int Deep = 10_000;

    /// <summary>In place of a JSON value; some are no JSON at all.</summary>
    public static readonly string[] Json =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "1e308", "1e309", "-1e309", "1e-400", "0.1e+99999999999", "2147483648", "9223372036854775808",
        "-9223372036854775809", "3.999999999999999999", "31536000.0001", "01", "1.", ".5", "+1", "NaN", "Infinity", "0x10", new string('9', 5_000),
        "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\x\"", "\"unclosed", "\"\uFEFF\"", "\"\uFFFF\"", "\"\u202Eevil\"", "\"💥\"",
        "\"a\\nb\"", "\"a\\u0007b\"", "\"../../etc/passwd\"", "\"'; FLUSHALL\"", "\"{{7*7}}\"", "\"%s%n\"", "\"emails\"", "\"-1\"", "\"1e9999\"", "\"9999-99-99T99:99:99Z\"",
        "\"* * * * *\"", "\"* * * * * * * * *\"", "\"@every 1ns\"", "\"0 0 0 31 2 ?\"", "\"Mars/Olympus\"", "\"" + new string('a', 70_000) + "\"",
        "[]", "{}", "[[]]", "[null]", "[{}]", "{\"\":null}", "{\"a\":1,\"a\":2}", "{\"__proto__\":{}}", "[1,]", "{,}", "[1 2]", "{\"a\"}", "]", "}", ":", ",", "",
        "/* c */ 1", "1 // c", new string('[', Deep) + new string(']', Deep), new string('[', Deep), string.Concat(Enumerable.Repeat("{\"a\":", Deep)),
        "[" + string.Join(',', Enumerable.Repeat("1", 5_000)) + "]", "[" + string.Join(',', Enumerable.Repeat("{}", 2_000)) + "]",
        "{" + string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"\"f{i}\":{i}")) + "}",
    ];

    /// <summary>In place of a parameter.</summary>
    public static readonly string[] Text =
    [
        "", " ", "null", "-1", "0", "1", "1.5", "1e3", "0x10", "+5", " 7 ", "2147483647", "2147483648", "9223372036854775808", new string('9', 400), "NaN", "true", "٣",
        "\0", "a\0b", "\n", "\r\nX-Injected: 1", "é", "💥", "\uD800", "\uFEFF", "\u202E", "a/b", "..", ".", "a..b", "%00", "%", "%zz", "{}", "[]", "\"", "'", "*", "$", "\\",
        "emails", "EMAILS", "-emails", "e", new string('q', 63), new string('q', 64), new string('q', 3_000), "emails.01JD3V6X9QK4T2M7R8ZB5C1N0F", "emails.",
        "emails.00000000000000000000000000", "emails.7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "emails.ZZZZZZZZZZZZZZZZZZZZZZZZZZ", ".01JD3V6X9QK4T2M7R8ZB5C1N0F", "0-0", "0-1", "1-",
        "-", "18446744073709551615-18446744073709551615", "18446744073709551616-0", "$", ">", "1700000000000-0", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "now", "waiting", "dead", "30s", "-30s", "99999999999s", "PT1S",
        "eyJ2IjoxfQ", "AAAA", "////", "=", "Zm9v", "v1:", "; DROP TABLE jobs", "<script>alert(1)</script>", "${jndi:ldap://x}", "1,2,3", "a=b&c=d", "?", "#",
    ];

    /// <summary>In place of a content type; null for none.</summary>
    public static readonly string?[] ContentTypes =
    [
        null, "", "text/plain", "application/xml", "application/json; charset=utf-16", "application/json; charset=\"utf-8\"", "application/json;;", "application/*", "*/*",
        "application/problem+json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json, text/html", "application/JSON", "application/x-ndjson",
        "application/x-ndjson; charset=latin1", new string('a', 3_000) + "/json", "json",
    ];
}
