import Foundation
import HTTPSupport
import Hummingbird
import JWTKit
import Persistence
import Synchronization

/// Knows who sends a request, from its access token.
///
/// A token once verified is remembered until it expires, so that a request costs a look-up instead of a signature.
/// Revoked sessions are known in this process at once; `RevocationWatch` brings those of other processes.
public final class Authenticator: Sendable {
    private struct Verified {
        let principal: Principal
        let session: Session.ID
        let expiresAt: Date
    }

    private struct State {
        var verified: [String: Verified] = [:]
        /// Revoked sessions, until every access token of theirs has expired.
        var revoked: [Session.ID: Date] = [:]
    }

    private static let rememberedTokens = 10_000

    private let issuer: TokenIssuer
    private let state = Mutex(State())

    public init(issuer: TokenIssuer) { self.issuer = issuer }

    func principal(for token: String) async throws -> Principal {
        let now = Date()
        if let known = state.withLock({ $0.verified[token] }), known.expiresAt > now {
            return try checkingRevocation(known)
        }
        let claims = try await issuer.verify(token, as: .access)
        guard let session = claims.session else { throw AccountFailure.invalidToken }
        let verified = Verified(
            principal: Principal(
                subject: session.userID.rawValue, tokenID: session.id.description, isFresh: claims.fresh),
            session: session.id, expiresAt: claims.exp.value)
        state.withLock { state in
            if state.verified.count >= Self.rememberedTokens {
                state.verified = state.verified.filter { $0.value.expiresAt > now }
                if state.verified.count >= Self.rememberedTokens { state.verified.removeAll() }
            }
            state.verified[token] = verified
        }
        return try checkingRevocation(verified)
    }

    private func checkingRevocation(_ verified: Verified) throws -> Principal {
        guard state.withLock({ $0.revoked[verified.session] == nil }) else { throw AccountFailure.invalidToken }
        return verified.principal
    }

    func revoke(_ sessions: [Session.ID]) {
        let now = Date()
        state.withLock { state in
            state.revoked = state.revoked.filter { $0.value > now }
            for session in sessions { state.revoked[session] = now.addingTimeInterval(TokenIssuer.accessLifetime) }
        }
    }
}

/// Puts the sender of a request into its context, or refuses the request.
public struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: Authenticator

    public init(authenticator: Authenticator) { self.authenticator = authenticator }

    public func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let token = request.bearerToken else {
            throw Problem.unauthorized("Sign in and send the access token as a bearer token.")
        }
        var context = context
        context.principal = try await authenticator.principal(for: token)
        return try await next(request, context)
    }
}

extension Request {
    var bearerToken: String? {
        guard let value = headers[.authorization], value.count > 7,
            value.prefix(7).lowercased() == "bearer "
        else { return nil }
        // Foundation's trimming goes through UTF-16, which costs more than all else here.
        return String(value.dropFirst(7).drop { $0 == " " })
    }
}

extension APIContext {
    /// The user who sends the request; for routes behind `AuthenticationMiddleware`.
    public func user() throws -> User.ID { User.ID(try requirePrincipal().subject) }

    /// The session that the request's token belongs to.
    func session() throws -> Session.ID {
        guard let id = Session.ID(try requirePrincipal().tokenID) else { throw AccountFailure.invalidToken }
        return id
    }
}
