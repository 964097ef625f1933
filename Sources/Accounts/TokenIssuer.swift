import Foundation
import JWTKit
import Persistence

/// What a token says. Claims as DESIGN.md's contract names them; `sid` is the session it belongs to.
struct TokenClaims: JWTPayload {
    enum Kind: String, Codable { case access, refresh }

    let sub: SubjectClaim
    let type: Kind
    /// Whether the password was given for this token; false after a refresh.
    let fresh: Bool
    let iat: IssuedAtClaim
    let exp: ExpirationClaim
    let jti: IDClaim
    let sid: Int64

    func verify(using _: some JWTAlgorithm) throws { try exp.verifyNotExpired() }
}

/// Signs and verifies tokens: HS256 with the installation's secret key, and nothing else.
public struct TokenIssuer: Sendable {
    public static let accessLifetime: TimeInterval = 15 * 60
    public static let refreshLifetime: TimeInterval = 7 * 24 * 60 * 60

    private static let algorithm = "HS256"

    private let keys: JWTKeyCollection
    private let parser = DefaultJWTParser()

    /// - Parameter secret: at least 32 random bytes.
    public init(secret: [UInt8]) async {
        keys = await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    }

    func sign(_ claims: TokenClaims) async throws -> String { try await keys.sign(claims) }

    /// - Throws: `AccountFailure.invalidToken` for a token of another kind, key, algorithm or time.
    func verify(_ token: String, as kind: TokenClaims.Kind) async throws -> TokenClaims {
        guard token.utf8.count <= 4096, namesAlgorithm(token),
            let claims = try? await keys.verify(token, as: TokenClaims.self), claims.type == kind
        else { throw AccountFailure.invalidToken }
        return claims
    }

    /// The key collection goes by its key alone, so a header that claims another algorithm would pass.
    private func namesAlgorithm(_ token: String) -> Bool {
        let header = try? parser.parse(Array(token.utf8), as: TokenClaims.self).header
        return header?.alg == Self.algorithm
    }
}

extension TokenClaims {
    init(kind: Kind, session: Session, isFresh: Bool, now: Date = Date(), id: String = UUID().uuidString) {
        // Whole seconds, as other readers of tokens expect them.
        let now = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        let lifetime = kind == .access ? TokenIssuer.accessLifetime : TokenIssuer.refreshLifetime
        self.init(
            sub: SubjectClaim(value: session.userID.description), type: kind, fresh: isFresh,
            iat: IssuedAtClaim(value: now), exp: ExpirationClaim(value: now.addingTimeInterval(lifetime)),
            jti: IDClaim(value: id), sid: session.id.rawValue)
    }

    /// The session the token belongs to; nil where the claims are no ids.
    var session: Session? {
        guard let user = User.ID(sub.value), sid > 0 else { return nil }
        return Session(id: Session.ID(sid), userID: user)
    }
}
