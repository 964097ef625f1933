import NIOCore
import NIOHTTP1
import NIOSSL

/// Feeds one response to a ``ResponseIntake`` and reports how it ended.
final class ResponseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var intake: ResponseIntake
    private let outcome: EventLoopPromise<WireResponse>
    private var hasBegun = false
    private var isDone = false

    init(maxBytes: Int, outcome: EventLoopPromise<WireResponse>) {
        intake = ResponseIntake(maxBytes: maxBytes)
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        advance(context) { intake throws(FetchFailure) in
            switch part {
            case .head(let head): try intake.begin(head)
            case .body(let chunk): try intake.take(chunk)
            case .end: try intake.end(isWhole: true)
            }
        }
        hasBegun = true
    }

    func channelInactive(context: ChannelHandlerContext) {
        finishEarly(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // Many servers close without the goodbye that TLS asks for; the length says what is missing.
        case NIOSSLError.uncleanShutdown: return
        case let failure as FetchFailure:
            finish(context, .failure(hasBegun ? failure : FetchFailure(.badResponse)))
        case HTTPParserError.invalidEOFState: finishEarly(context)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            finish(context, .failure(FetchFailure(hasBegun ? .badResponse : .tls)))
        case is IOError:
            finish(context, .failure(FetchFailure(hasBegun ? .badResponse : .connectFailed)))
        default: finish(context, .failure(FetchFailure(.badResponse)))
        }
    }

    private func finishEarly(_ context: ChannelHandlerContext) {
        advance(context) { intake throws(FetchFailure) in try intake.end(isWhole: false) }
    }

    private func advance(
        _ context: ChannelHandlerContext,
        _ step: (inout ResponseIntake) throws(FetchFailure) -> ResponseIntake.Step
    ) {
        guard !isDone else { return }
        do throws(FetchFailure) {
            if case .complete(let response) = try step(&intake) { finish(context, .success(response)) }
        } catch {
            finish(context, .failure(error))
        }
    }

    private func finish(_ context: ChannelHandlerContext, _ result: Result<WireResponse, FetchFailure>) {
        guard !isDone else { return }
        isDone = true
        outcome.completeWith(result.mapError { $0 })
        context.close(promise: nil)
    }
}
