using K8sQueue.Operator.Discovery.Postgres;

namespace K8sQueue.Operator.Tests.Discovery;

public sealed class PostgresConnectionStringTests
{
    [Theory]
    [InlineData("postgresql://u:a%20b@db.shop:6432/orders", "a b")]
    [InlineData("postgres://u:a%40b@db.shop:6432/orders?sslmode=require", "a@b")]
    [InlineData("Host=db.shop;Port=6432;Username=u;Password=a b;Database=orders", "a b")]
    [InlineData("Server=db.shop; Port=6432; User Id=u; Password=\"a;b\"; Database=orders", "a;b")]
    [InlineData("host=db.shop port=6432 user=u password='a b' dbname=orders", "a b")]
    [InlineData("host = db.shop port= 6432 user =u password='a;b' dbname = 'orders'", "a;b")]
    [InlineData("host=db.shop\nport=6432\nuser=u\npassword=a\\ b\ndbname=orders\n", "a b")]
    [InlineData("host=db.shop\tport=6432\r\nuser=u password='a\\'b\\\\c' dbname=orders", "a'b\\c")]
    [InlineData("user=u password=a;b= host=db.shop port=6432 dbname=orders", "a;b=")]
    public void Every_form_is_read_as_those_who_connect_with_it_do(string text, string password)
    {
        PostgresConnectionString.TryParse(text, out var connection).Should().BeTrue();

        (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database)
            .Should().Be(("db.shop", 6432, "u", password, "orders"));
    }

    [Theory]
    [InlineData("postgresql://u:4711#s3cret@db/x")]
    [InlineData("postgresql://u:4711/s3cret@db/x")]
    [InlineData("postgresql://u:4711?s3cret@db/x")]
    [InlineData("postgresql://u:4711\\s3cret@db/x")]
    [InlineData("postgresql://u:s3@cret@db/x")]
    [InlineData("postgresql://u:s3 cret@db/x")]
    [InlineData("host='s3 cret")]
    [InlineData("host=db port=s3cret")]
    [InlineData("host=db password")]
    [InlineData("Host=s3 cret;Port=1")]
    [InlineData("Host=/run/postgresql;Password=s3cret")]
    [InlineData("s3cret")]
    [InlineData("")]
    public void What_would_put_a_piece_of_a_password_elsewhere_is_none(string text) =>
        PostgresConnectionString.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData("host=::1 user=u", "::1")]
    [InlineData("postgresql://u:p@[::1]:5432/x", "::1")]
    [InlineData("Host=one,two:5433;Username=u", "one,two:5433")]
    [InlineData("hostaddr=10.0.0.1 user=u", "10.0.0.1")]
    public void Hosts_are_names_and_addresses(string text, string host)
    {
        PostgresConnectionString.TryParse(text, out var connection).Should().BeTrue();
        connection.Host.Should().Be(host);
    }
}
