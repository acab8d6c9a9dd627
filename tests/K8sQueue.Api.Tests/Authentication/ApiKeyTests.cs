using System.Text.RegularExpressions;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Commands;
using K8sQueue.Api.Hosting;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Authentication;

public sealed partial class ApiKeyTests
{
    [Fact]
    public void A_key_has_256_random_bits_and_its_line_only_its_hash()
    {
        var (secret, key) = ApiKey.Create("shop");
        var (other, _) = ApiKey.Create("shop");
        secret.Should().NotBe(other).And.StartWith("k8sq_");
        System.Buffers.Text.Base64Url.DecodeFromChars(secret.AsSpan(5)).Should().HaveCount(32);
        key.Line.Should().MatchRegex("^shop:[0-9a-f]{64}$").And.NotContain(secret);
        ApiKey.Parse(key.Line).Hash.Should().Equal(ApiKey.HashOf(secret));
    }

    [Theory]
    [InlineData("")]
    [InlineData("shop")]
    [InlineData("shop:")]
    [InlineData("shop:00ff")]
    [InlineData(":e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sh op:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("shop:z3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("shop:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85500")]
    [InlineData("shop:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:")]
    [InlineData("shop:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:verbs=read:tenant=acme")]
    public void Other_lines_are_not_keys(string line)
    {
        var parse = () => ApiKey.Parse(line);
        parse.Should().Throw<FormatException>();
    }

    [Fact]
    public void A_list_finds_each_of_its_keys_and_no_other()
    {
        var (first, a) = ApiKey.Create("a");
        var (second, b) = ApiKey.Create("b");
        var list = ApiKeyList.Parse($"# keys\n\n{a.Line}\r\n  {b.Line}  \n", "test", '\n');
        list.Find(first)!.Name.Should().Be("a");
        list.Find(second)!.Name.Should().Be("b");
        list.Find(first + "x").Should().BeNull();
        list.Find(a.Line).Should().BeNull();
        list.Find("").Should().BeNull();
    }

    [Fact]
    public void A_malformed_line_is_named_by_its_number_and_not_shown()
    {
        var parse = () => ApiKeyList.Parse("# ok\nk8sq_a-secret-by-mistake", "keys.txt", '\n');
        parse.Should().Throw<ApiConfigurationException>().WithMessage("*Entry 2 of keys.txt*").Which.Message.Should().NotContain("mistake");
    }

    [Fact]
    public void The_command_prints_a_key_and_its_line()
    {
        using var output = new StringWriter();
        CreateKeyCommand.Run(["shop"], output, TextWriter.Null).Should().Be(0);
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var secret = lines[0].Split("key:")[1].Trim();
        ApiKeyList.Parse(lines[1].Split("line:")[1], "test", '\n').Find(secret)!.Name.Should().Be("shop");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("--verbs read", "verbs=read")]
    [InlineData("--tenant acme --queues emails,orders-* --verbs enqueue+read", "verbs=read+enqueue;queues=emails+orders-*;tenant=acme")]
    public void The_command_writes_scopes_into_the_line(string options, string scopes)
    {
        using var output = new StringWriter();
        CreateKeyCommand.Run(["shop", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], output, TextWriter.Null).Should().Be(0);
        var line = output.ToString().Split('\n')[1].Split("line:")[1].Trim();
        line.Should().EndWith(scopes);
        ApiKey.Parse(line).Scope.Text.Should().Be(scopes);
    }

    [Theory]
    [InlineData]
    [InlineData("two", "names")]
    [InlineData("a:b")]
    [InlineData("shop", "--verbs")]
    [InlineData("shop", "--verbs", "write")]
    [InlineData("shop", "--verbs", "read", "--verbs", "manage")]
    [InlineData("shop", "--queue", "emails")]
    [InlineData("shop", "--queues", "")]
    [InlineData("shop", "--queues", "a;tenant=b")]
    public void The_command_refuses_other_arguments(params string[] arguments)
    {
        using var error = new StringWriter();
        CreateKeyCommand.Run(arguments, TextWriter.Null, error).Should().Be(2);
        error.ToString().Should().Contain("usage");
    }

    [Fact]
    public void Every_page_makes_keys_by_a_program_that_its_reader_has_and_by_arguments_that_it_takes()
    {
        var pages = Directory.GetFiles(Path.Combine(RepositoryFolder.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(RepositoryFolder.Root, "charts", "k8squeue", "README.md"));
        var commands = pages.SelectMany(page => CreateKey().Matches(File.ReadAllText(page))).ToList();

        commands.Should().HaveCountGreaterThan(4);
        foreach (var command in commands)
        {
            command.Groups["program"].Value.Should().MatchRegex(Programs(), command.Value);
            var arguments = command.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('\''));
            CreateKeyCommand.Run([.. arguments], TextWriter.Null, TextWriter.Null).Should().Be(0, command.Value);
        }
    }

    [GeneratedRegex(@"(^|(?<=`))(?<program>[^`\n]*?)create-key (?<arguments>[^`#>\n]+)", RegexOptions.Multiline, 1000)]
    private static partial Regex CreateKey();

    // The image's entry point, the checkout, a container that runs; or the name of the command alone.
    [GeneratedRegex(
        @"^(docker run --rm [a-z0-9./-]+/api:[0-9a-z.-]+ |dotnet run --project api/K8sQueue\.Api -- |"
        + @"kubectl .*exec deployment/k8squeue-api -- dotnet /app/K8sQueue\.Api\.dll |)$",
        RegexOptions.None, 1000)]
    private static partial Regex Programs();
}
