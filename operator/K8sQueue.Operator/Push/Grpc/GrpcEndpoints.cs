using Google.Protobuf;

namespace K8sQueue.Operator.Push.Grpc;

/// <summary>Maps methods of a gRPC service to their paths. A method fails with <see cref="GrpcException"/>; the deadline is in its token.</summary>
internal static class GrpcEndpoints
{
    /// <summary>A method with one answer.</summary>
    public static void MapUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder app, string path, MessageParser<TRequest> parser, Func<HttpContext, TRequest, CancellationToken, Task<TResponse>> method)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse> =>
        app.MapPost(path, context => GrpcCall.RunAsync(context, async token =>
        {
            var request = await GrpcMessages.ReadAsync(context.Request.BodyReader, parser, token).ConfigureAwait(false);
            var response = await method(context, request, token).ConfigureAwait(false);
            await context.Response.BodyWriter.WriteAsync(GrpcMessages.Frame(response), token).ConfigureAwait(false);
        }));

    /// <summary>A method with any number of answers, which it hands to what it is given; its end is a status of OK.</summary>
    public static void MapServerStreaming<TRequest, TResponse>(
        this IEndpointRouteBuilder app,
        string path,
        MessageParser<TRequest> parser,
        Func<HttpContext, TRequest, Func<TResponse, Task>, CancellationToken, Task> method)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse> =>
        app.MapPost(path, context => GrpcCall.RunAsync(context, async token =>
        {
            var request = await GrpcMessages.ReadAsync(context.Request.BodyReader, parser, token).ConfigureAwait(false);
            await method(context, request, WriteAsync, token).ConfigureAwait(false);

            async Task WriteAsync(TResponse response) =>
                await context.Response.BodyWriter.WriteAsync(GrpcMessages.Frame(response), token).ConfigureAwait(false);
        }));

    /// <summary>Answers for every method that is not mapped.</summary>
    public static void MapUnimplemented(this IEndpointRouteBuilder app) =>
        app.MapFallback("{**path}", context => GrpcCall.RunAsync(
            context, _ => throw new GrpcException(GrpcStatusCode.Unimplemented, "There is no such method.")));
}
