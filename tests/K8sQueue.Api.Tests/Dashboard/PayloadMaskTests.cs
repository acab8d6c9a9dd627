using System.Text;
using K8sQueue.Api.Dashboard;
using K8sQueue.Api.Dashboard.Masking;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class PayloadMaskTests
{
    private static readonly PayloadMask Default = new(new DashboardOptions().MaskedFields);

    [Theory]
    [InlineData("password", true)]
    [InlineData("dbPassword", true)]
    [InlineData("client_secret", true)]
    [InlineData("X-Api-Key", true)]
    [InlineData("apiKey", true)]
    [InlineData("Authorization", true)]
    [InlineData("refresh.token", true)]
    [InlineData("to", false)]
    [InlineData("key", false)]
    [InlineData("", false)]
    public void Members_that_are_named_like_secrets_are_masked(string name, bool hidden) => Default.Hides(name).Should().Be(hidden);

    [Fact]
    public void What_is_masked_is_masked_whole_and_the_rest_keeps_its_digits()
    {
        var shown = Default.Show("""{"n":1.10,"big":12345678901234567890,"user":{"password":{"a":1}},"list":[{"token":"x"}],"token":null}"""u8.ToArray());
        shown.Should().Contain("1.10").And.Contain("12345678901234567890").And.NotContain("\"a\"").And.NotContain("\"x\"");
        shown!.Split(PayloadMask.Mask).Should().HaveCount(3);
        shown.Should().Contain("\"token\": null");
    }

    [Fact]
    public void What_is_left_masked_keeps_its_value_and_what_is_written_anew_does_not()
    {
        var original = """{"to":"a","password":"p1","inner":[{"secret":{"deep":[1]}}],"apiKey":"k"}"""u8.ToArray();
        var edited = Default.Show(original)!.Replace("\"a\"", "\"b\"", StringComparison.Ordinal);
        edited = edited.Replace($"\"apiKey\": \"{PayloadMask.Mask}\"", "\"apiKey\": \"k2\"", StringComparison.Ordinal);
        Encoding.UTF8.GetString(Default.Restore(edited, original))
            .Should().Be("""{"to":"b","password":"p1","inner":[{"secret":{"deep":[1]}}],"apiKey":"k2"}""");
    }

    [Fact]
    public void A_mask_where_there_was_nothing_is_refused()
    {
        var restore = () => Default.Restore($$"""{"password":"{{PayloadMask.Mask}}"}""", "{}"u8.ToArray());
        restore.Should().Throw<FormatException>().WithMessage("payload.password is masked*");
    }

    [Theory]
    [InlineData("""{"users":[{"n":"b","password":"••••••"}]}""")]
    [InlineData("""{"users":[{"n":"b","password":"••••••"},{"n":"a","password":"••••••"}]}""")]
    [InlineData("""{"users":[{"n":"a","password":"••••••"},{"n":"c","password":"••••••"}]}""")]
    [InlineData("""{"users":[{"n":"c","password":"new"},{"n":"a","password":"••••••"},{"n":"b","password":"••••••"}]}""")]
    [InlineData("""{"users":[[{"n":"b","password":"••••••"}],{"n":"b","password":"••••••"}]}""")]
    public void No_element_of_a_list_is_given_the_secret_of_another(string edited)
    {
        var restore = () => Default.Restore(edited, """{"users":[{"n":"a","password":"p1"},{"n":"b","password":"p2"}]}"""u8.ToArray());
        restore.Should().Throw<FormatException>().WithMessage("payload.users[*] has a masked value, and its list was changed*");
    }

    [Theory]
    [InlineData(
        """{"n":2,"users":[{"n":"a","password":"••••••"},{"n":"b","password":"••••••"}]}""",
        """{"n":2,"users":[{"n":"a","password":"p1"},{"n":"b","password":"p2"}]}""")]
    [InlineData(
        """{"users":[{"n":"a","password":"p3"},{"n":"b","password":"••••••"}]}""",
        """{"users":[{"n":"a","password":"p3"},{"n":"b","password":"p2"}]}""")]
    [InlineData(
        """{"users":[{"n":"c","password":"p3"},{"n":"b","password":"••••••"}]}""",
        """{"users":[{"n":"c","password":"p3"},{"n":"b","password":"p2"}]}""")]
    [InlineData("""{"users":[{"n":"b","password":"p4"}]}""", """{"users":[{"n":"b","password":"p4"}]}""")]
    public void An_element_that_shows_what_it_showed_keeps_its_secret(string edited, string restored) =>
        Encoding.UTF8.GetString(Default.Restore(edited, """{"users":[{"n":"a","password":"p1"},{"n":"b","password":"p2"}]}"""u8.ToArray())).Should().Be(restored);

    [Fact]
    public void The_only_element_of_a_list_is_edited_like_what_is_in_none() =>
        Encoding.UTF8.GetString(Default.Restore("""[{"to":"ada","token":"••••••"}]""", """[{"to":"nobody","token":"t"}]"""u8.ToArray()))
            .Should().Be("""[{"to":"ada","token":"t"}]""");

    [Theory]
    [InlineData("{\"password\":\"s3\"}\n{\"password\":\"s3\"}")]
    [InlineData("{\"password\":\"s3\" /* a comment */}")]
    [InlineData("{\"password\":\"s3\"")]
    [InlineData("user=a&pass%77ord=s3")]
    [InlineData("user=a&Pass-Word=s3")]
    [InlineData("{\"pass\\u0077ord\":\"s3\"")]
    [InlineData("p\0a\0s\0s\0w\0o\0r\0d\0=\0s3")]
    public void What_is_no_json_and_names_a_secret_is_not_shown(string text)
    {
        var shown = ShownPayload.Of(Encoding.UTF8.GetBytes(text), Default);
        shown.Should().BeEquivalentTo(new { Text = (string?)null, IsJson = false, IsHidden = true, Bytes = Encoding.UTF8.GetByteCount(text) });
    }

    [Fact]
    public void What_is_nested_too_deeply_to_be_masked_is_not_shown_with_a_secret()
    {
        var deep = new string('[', 65) + "{\"token\":\"s3\"}" + new string(']', 65);
        ShownPayload.Of(Encoding.UTF8.GetBytes(deep), Default).Should().BeEquivalentTo(new { Text = (string?)null, IsHidden = true });
    }

    [Theory]
    [InlineData("plain words, 50% of them")]
    [InlineData("a=1&b=2")]
    [InlineData("[1, 2")]
    public void Other_text_is_shown_as_it_is(string text) =>
        ShownPayload.Of(Encoding.UTF8.GetBytes(text), Default).Should().BeEquivalentTo(new { Text = text, IsJson = false, IsHidden = false });

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"a\":1,\"a\":2}", true)]
    public void What_is_no_json_or_says_things_twice_is_refused(string text, bool shown = false)
    {
        (Default.Show(Encoding.UTF8.GetBytes(text)) is not null).Should().Be(shown);
        var restore = () => Default.Restore(text, "{}"u8.ToArray());
        restore.Should().Throw<FormatException>();
    }

    [Fact]
    public void Escapes_and_members_that_are_there_twice_do_not_hide_a_secret_from_the_mask()
    {
        var shown = Default.Show("""{"pass\u0077ord":"s1","password":"s2","password":["s3"],"\ud800token":"s4","text":"\ud800 \u003c"}"""u8.ToArray());
        shown.Should().NotContainAny("s1", "s2", "s3", "s4").And.Contain("\\ud800 \\u003c");
    }

    [Fact]
    public void Nesting_has_the_limit_of_the_api()
    {
        Default.Show(Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64))).Should().NotBeNull();
        Default.Show(Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65))).Should().BeNull();
        Default.Show("null"u8.ToArray()).Should().Be("null");
    }

    [Fact]
    public void The_list_of_names_is_a_setting()
    {
        var mask = new PayloadMask(["iban"]);
        mask.Hides("customer_IBAN").Should().BeTrue();
        mask.Hides("password").Should().BeFalse();
    }
}
