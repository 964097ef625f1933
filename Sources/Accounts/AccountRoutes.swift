import Foundation
import HTTPSupport
import Hummingbird

/// The endpoints of people and their sessions.
public struct AccountRoutes: Sendable {
    let service: AccountService
    let authentication: AuthenticationMiddleware

    public init(service: AccountService, authentication: AuthenticationMiddleware) {
        self.service = service
        self.authentication = authentication
    }

    public func add(to api: RouterGroup<APIContext>) {
        let auth = api.group("auth")
        auth.post("register", use: register)
        auth.post("login", use: login)
        auth.post("refresh", use: refresh)

        let signedIn = auth.group().add(middleware: authentication)
        signedIn.post("logout", use: logout)
        signedIn.get("me", use: me)
    }

    struct Registration: Decodable {
        let username: String
        let email: String
        let password: String
    }

    struct Login: Decodable {
        let username: String?
        let email: String?
        let password: String
    }

    struct Refresh: Decodable {
        let refreshToken: String?

        enum CodingKeys: String, CodingKey { case refreshToken = "refresh_token" }
    }

    struct SignedIn: Encodable {
        let user: User?
        let accessToken: String
        let refreshToken: String
        let tokenType = "Bearer"
        let expiresIn = Int(TokenIssuer.accessLifetime)

        init(user: User? = nil, tokens: AccountService.Tokens) {
            self.user = user
            accessToken = tokens.access
            refreshToken = tokens.refresh
        }

        enum CodingKeys: String, CodingKey {
            case user
            case accessToken = "access_token"
            case refreshToken = "refresh_token"
            case tokenType = "token_type"
            case expiresIn = "expires_in"
        }
    }

    @Sendable func register(request: Request, context: APIContext) async throws -> Response {
        let body = try await request.decodeJSON(Registration.self)
        let user = try await service.register(
            username: body.username, email: body.email, password: body.password)
        let tokens = try await service.startSession(for: user.id)
        return try .json(SignedIn(user: user, tokens: tokens), status: .created)
    }

    @Sendable func login(request: Request, context: APIContext) async throws -> Response {
        let body = try await request.decodeJSON(Login.self)
        guard let login = [body.username, body.email].compactMap({ $0 }).first(where: { !$0.isEmpty }) else {
            throw Problem.invalid(["username": "is required, or email"])
        }
        let (user, tokens) = try await service.login(login, password: body.password)
        return try .json(SignedIn(user: user, tokens: tokens))
    }

    /// The refresh token comes in the body or as the bearer token.
    @Sendable func refresh(request: Request, context: APIContext) async throws -> Response {
        let bearer = request.bearerToken
        let body = bearer == nil ? try await request.decodeJSON(Refresh.self) : nil
        guard let token = bearer ?? body?.refreshToken else {
            throw Problem.invalid(["refresh_token": "is required"])
        }
        return try .json(SignedIn(tokens: try await service.refresh(token)))
    }

    @Sendable func logout(request _: Request, context: APIContext) async throws -> Response {
        try await service.logout(try context.session(), of: try context.user())
        return Response(status: .noContent)
    }

    @Sendable func me(request _: Request, context: APIContext) async throws -> Response {
        guard let user = try await service.user(try context.user()) else { throw AccountFailure.invalidToken }
        return try .json(user)
    }
}
