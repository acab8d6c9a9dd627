using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisErrorCodeTests
{
    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", typeof(JobQueueFullException))]
    [InlineData("ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed", typeof(JobQueueFullException))]
    [InlineData("EXECABORT Transaction discarded because of: OOM command not allowed", typeof(JobQueueFullException))]
    [InlineData("AUTH: WRONGPASS invalid username-password pair or user is disabled.", typeof(JobQueueConfigurationException))]
    [InlineData("BUSY Redis is busy running a script.", typeof(JobQueueUnavailableException))]
    [InlineData("LOADING", typeof(JobQueueUnavailableException))]
    [InlineData("BUSYGROUP Consumer Group name already exists", typeof(InvalidOperationException))]
    [InlineData("WRONGTYPE Operation against a key: TASK ROOM", typeof(InvalidOperationException))]
    [InlineData("ERR unknown command 'ASK now', with args beginning with: 'OOM'", typeof(InvalidOperationException))]
    public void An_answer_is_known_by_its_code_and_not_by_what_else_it_says(string message, Type type) =>
        RedisErrors.FromServer(message, "localhost:6379").Should().BeOfType(type);
}
