using System.Net;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace K8sQueue.Api.Tests.Authentication;

public sealed class AuthenticationTests
{
    [Fact]
    public async Task An_address_that_does_not_exist_is_not_told_apart_without_a_key()
    {
        await using var api = new TestApi();
        var response = await api.CreateClient().GetAsync("/nowhere");
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer");
    }

    [Fact]
    public async Task A_key_is_taken_from_either_header()
    {
        await using var api = new TestApi();
        (await StatusAsync(api, "Authorization", $"Bearer {api.Secret}")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(api, "Authorization", $"bearer {api.Secret}")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(api, "X-Api-Key", api.Secret)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_good_key_is_let_in_without_the_frameworks_handlers_which_cost_more_than_an_enqueue()
    {
        await using var api = new TestApi();
        await using var without = api.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.RemoveAll<IAuthenticationService>()));
        using var client = without.CreateClient();
        client.DefaultRequestHeaders.Add(ApiKeyHandler.HeaderName, api.Secret);
        (await client.GetAsync("/v1/queues")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Anything_else_is_refused()
    {
        await using var api = new TestApi();
        var hash = Convert.ToHexStringLower(ApiKey.HashOf(api.Secret));
        string[] authorizations =
        [
            "x", "Bearer ", $"Bearer {api.Secret}x", $"Bearer {api.Secret[..^1]}", $"Bearer {hash}", $"Basic {api.Secret}",
            $"Bearer {new string('x', 9000)}",
        ];
        foreach (var value in authorizations)
            (await StatusAsync(api, "Authorization", value)).Should().Be(HttpStatusCode.Unauthorized, value);
        foreach (var value in new[] { "", "x", hash, $"tests:{hash}" })
            (await StatusAsync(api, "X-Api-Key", value)).Should().Be(HttpStatusCode.Unauthorized, value);
    }

    [Fact]
    public async Task A_file_of_keys_is_read_again_when_it_changes()
    {
        var file = Path.GetTempFileName();
        try
        {
            var (first, old) = ApiKey.Create("old");
            var (second, young) = ApiKey.Create("new");
            await File.WriteAllTextAsync(file, $"# producers\n{old.Line}\n");
            await using var api = new TestApi((ApiOptions.KeysVariable, null), (ApiOptions.KeysFileVariable, file));
            (await StatusAsync(api, "X-Api-Key", first)).Should().Be(HttpStatusCode.OK);
            (await StatusAsync(api, "X-Api-Key", second)).Should().Be(HttpStatusCode.Unauthorized);

            await File.WriteAllTextAsync(file, young.Line);
            await Testing.Eventually.IsTrue(async () => await StatusAsync(api, "X-Api-Key", second) == HttpStatusCode.OK);
            (await StatusAsync(api, "X-Api-Key", first)).Should().Be(HttpStatusCode.Unauthorized, "its line is gone");

            await File.WriteAllTextAsync(file, "");
            await Testing.Eventually.IsTrue(async () => await StatusAsync(api, "X-Api-Key", second) == HttpStatusCode.Unauthorized);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_file_that_became_malformed_leaves_the_last_good_keys()
    {
        var file = Path.GetTempFileName();
        var next = file + ".next";
        try
        {
            var (secret, key) = ApiKey.Create("a");
            await File.WriteAllTextAsync(file, key.Line);
            var logs = new LogCollector();
            await using var api = new TestApi((ApiOptions.KeysVariable, null), (ApiOptions.KeysFileVariable, file));
            await using var logged = api.WithWebHostBuilder(logs.AddTo);
            var client = logged.CreateClient();
            client.DefaultRequestHeaders.Add("X-Api-Key", secret);

            // At once: a file that is written in place is empty for a moment, which revokes all keys.
            await File.WriteAllTextAsync(next, "nonsense");
            File.Move(next, file, overwrite: true);
            await Testing.Eventually.IsTrue(() => logs.Entries.Any(e => e.Contains("the last good ones stay", StringComparison.Ordinal)));
            (await client.GetAsync("/v1/queues")).StatusCode.Should().Be(HttpStatusCode.OK);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Anonymous_serves_everybody_and_is_logged_as_a_warning()
    {
        var logs = new LogCollector();
        await using var api = new TestApi((ApiOptions.KeysVariable, null), (ApiOptions.AnonymousVariable, "true"));
        await using var logged = api.WithWebHostBuilder(logs.AddTo);
        (await logged.CreateClient().GetAsync("/v1/queues")).StatusCode.Should().Be(HttpStatusCode.OK);
        logs.Entries.Should().Contain(e =>
            e.StartsWith("Warning", StringComparison.Ordinal) && e.Contains(ApiOptions.AnonymousVariable, StringComparison.Ordinal));
    }

    private static async Task<HttpStatusCode> StatusAsync(TestApi api, string header, string value)
    {
        var client = api.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        return (await client.GetAsync("/v1/queues")).StatusCode;
    }
}
