import CSodium
import Foundation
import HTTPSupport
import JWTKit
import Persistence
import Testing

@testable import Accounts

@Suite("Tokens")
struct TokenTests {
    private let session = Session(id: Session.ID(4), userID: User.ID(3))

    private func claims(_ kind: TokenClaims.Kind = .access, now: Date = Date()) -> TokenClaims {
        TokenClaims(kind: kind, session: session, isFresh: true, now: now)
    }

    private func refuses(_ token: String, as kind: TokenClaims.Kind = .access, by issuer: TokenIssuer) async -> Bool {
        do {
            _ = try await issuer.verify(token, as: kind)
            return false
        } catch {
            return error as? AccountFailure == .invalidToken
        }
    }

    @Test(
        "say whose they are, of which session, and for how long",
        arguments: [
            (TokenClaims.Kind.access, 900.0), (.refresh, 604_800.0),
        ])
    func content(kind: TokenClaims.Kind, lifetime: TimeInterval) async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let now = Date()
        let read = try await issuer.verify(try await issuer.sign(claims(kind, now: now)), as: kind)
        #expect(read.sub.value == "3")
        #expect(read.sid == 4)
        #expect(read.fresh)
        #expect(read.iat.value == Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)))
        #expect(read.exp.value.timeIntervalSince(read.iat.value) == lifetime)
        #expect(!read.jti.value.isEmpty)
    }

    @Test("one kind does not stand for the other")
    func kinds() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        #expect(await refuses(try await issuer.sign(claims(.refresh)), as: .access, by: issuer))
        #expect(await refuses(try await issuer.sign(claims(.access)), as: .refresh, by: issuer))
    }

    @Test("are refused after their time")
    func expired() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let old = try await issuer.sign(claims(now: Date().addingTimeInterval(-901)))
        let oldRefresh = try await issuer.sign(claims(.refresh, now: Date().addingTimeInterval(-604_801)))
        #expect(await refuses(old, by: issuer))
        #expect(await refuses(oldRefresh, as: .refresh, by: issuer))
    }

    @Test("are refused with another key or algorithm, or without a signature")
    func foreign() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let stranger = await TokenIssuer(secret: [UInt8](repeating: 8, count: 32))
        #expect(await refuses(try await stranger.sign(claims()), by: issuer))

        // 64 bytes, the least that the longer digest takes.
        let long = [UInt8](repeating: 9, count: 64)
        let longer = await JWTKeyCollection().add(hmac: HMACKey(from: long), digestAlgorithm: .sha512)
        #expect(await refuses(try await longer.sign(claims()), by: await TokenIssuer(secret: long)))

        let parts = try await issuer.sign(claims()).split(separator: ".")
        let unsigned = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().replacing("=", with: "")
        #expect(await refuses("\(unsigned).\(parts[1]).", by: issuer))
        #expect(await refuses("\(parts[0]).\(parts[1]).", by: issuer))
        #expect(await refuses("\(parts[0]).\(parts[1]).AAAA", by: issuer))
    }

    @Test(
        "are refused where the header names another algorithm, even if the signature is ours",
        arguments: ["none", "None", "HS384", "HS512", "RS256", "ES256", "hs256", ""])
    func otherAlgorithm(name: String) async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let token = try await issuer.sign(claims()).split(separator: ".").map(String.init)
        #expect(await !refuses(signed(#"{"alg":"HS256","typ":"JWT"}"#, token[1]), by: issuer))
        #expect(await refuses(signed(#"{"alg":"\#(name)","typ":"JWT"}"#, token[1]), by: issuer))
    }

    @Test("are refused without the name of an algorithm", arguments: [#"{"typ":"JWT"}"#, #"{"alg":null}"#, "{}", "[]"])
    func noAlgorithm(header: String) async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let token = try await issuer.sign(claims()).split(separator: ".").map(String.init)
        #expect(await refuses(signed(header, token[1]), by: issuer))
    }

    /// A token with this header and the household's true signature over it.
    private func signed(_ header: String, _ payload: String) -> String {
        let content = "\(Self.base64URL(header.utf8)).\(payload)"
        var signature = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_bytes()))
        let code = crypto_auth_hmacsha256(&signature, content, UInt64(content.utf8.count), Household.secret)
        #expect(code == 0)
        return "\(content).\(Self.base64URL(signature))"
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
    }

    @Test("are refused once a letter of them is another")
    func tampered() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let parts = try await issuer.sign(claims()).split(separator: ".").map(String.init)
        let payload = try #require(
            Data(base64Encoded: parts[1] + String(repeating: "=", count: (4 - parts[1].count % 4) % 4)))
        let other = Data(String(decoding: payload, as: UTF8.self).replacing(#""sub":"3""#, with: #""sub":"1""#).utf8)
        let forged = other.base64EncodedString().replacing("=", with: "")
        #expect(other != payload)
        #expect(await refuses("\(parts[0]).\(forged).\(parts[2])", by: issuer))
    }

    @Test(
        "what is no token is refused",
        arguments: [
            "", ".", "..", "a.b.c", "Bearer", "null", "{}", "é.é.é", String(repeating: "a", count: 5000),
        ])
    func garbage(text: String) async {
        let issuer = await TokenIssuer(secret: Household.secret)
        #expect(await refuses(text, by: issuer))
    }

    @Test("an id that is none is nobody's session", arguments: ["", "0", "-3", "03", "+3", "3.0", "ada"])
    func noSession(subject: String) {
        let odd = TokenClaims(
            sub: SubjectClaim(value: subject), type: .access, fresh: true, iat: IssuedAtClaim(value: Date()),
            exp: ExpirationClaim(value: Date()), jti: IDClaim(value: "1"), sid: 4)
        #expect(odd.session == nil)
    }

    @Test("a token known from before is refused as soon as its time is over")
    func rememberedToken() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let authenticator = Authenticator(issuer: issuer)
        let claims = claims(now: Date().addingTimeInterval(2 - TokenIssuer.accessLifetime))
        let token = try await issuer.sign(claims)
        #expect(try await authenticator.principal(for: token).subject == 3)
        #expect(try await authenticator.principal(for: token).tokenID == "4")
        try await Task.sleep(for: .seconds(claims.exp.value.timeIntervalSinceNow + 0.01))
        await #expect(throws: AccountFailure.invalidToken) { try await authenticator.principal(for: token) }
    }

    @Test("a token of a revoked session is refused, whether it was seen before or not")
    func revoked() async throws {
        let issuer = await TokenIssuer(secret: Household.secret)
        let authenticator = Authenticator(issuer: issuer)
        let seen = try await issuer.sign(claims())
        let unseen = try await issuer.sign(claims())
        _ = try await authenticator.principal(for: seen)
        authenticator.revoke([session.id])
        authenticator.revoke([Session.ID(99)])
        await #expect(throws: AccountFailure.invalidToken) { try await authenticator.principal(for: seen) }
        await #expect(throws: AccountFailure.invalidToken) { try await authenticator.principal(for: unseen) }
    }
}
