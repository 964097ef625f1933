import Foundation
import HTTPSupport
import HTTPTypes
import Hummingbird
import NIOCore

/// The description of the API: as it is written, and as a page to try it on (Swagger UI, served from here).
struct DocsRoutes: Sendable {
    let installation: Installation

    private static let assets: [String: String] = [
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "favicon-32x32.png": "image/png",
        "start.js": "text/javascript; charset=utf-8",
    ]

    func add(to router: Router<APIContext>) {
        router.get("docs") { _, _ in page }
        router.get("docs/:asset", use: asset)
        router.get("openapi.yaml", use: description)
    }

    /// Scripts and styles only from this server; Swagger UI sets styles on its elements.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"

    private var page: Response {
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Fuze API</title>
            <link rel="icon" href="/docs/favicon-32x32.png">
            <link rel="stylesheet" href="/docs/swagger-ui.css">
            </head>
            <body>
            <div id="api"><p>The description of this API is at <a href="/openapi.yaml">/openapi.yaml</a>.</p></div>
            <script src="/docs/swagger-ui-bundle.js"></script>
            <script src="/docs/start.js"></script>
            </body>
            </html>
            """
        return Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: Self.policy],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    @Sendable private func asset(request _: Request, context: APIContext) async throws -> Response {
        guard let name = context.pathParameter("asset"), let type = Self.assets[name] else {
            throw Problem.notFound("Page")
        }
        if name == "start.js" {
            let script = "SwaggerUIBundle({ url: '/openapi.yaml', dom_id: '#api', deepLinking: true });\n"
            return Self.file(ByteBuffer(string: script), type: type)
        }
        return Self.file(try Self.read(installation.swaggerUI.appending(path: name)), type: type)
    }

    @Sendable private func description(request _: Request, context _: APIContext) async throws -> Response {
        guard let file = installation.apiDescription else { throw Problem.notFound("API description") }
        return Self.file(try Self.read(file), type: "application/yaml; charset=utf-8")
    }

    private static func read(_ file: URL) throws -> ByteBuffer {
        guard let data = try? Data(contentsOf: file) else { throw Problem.notFound("Page") }
        return ByteBuffer(bytes: data)
    }

    private static func file(_ bytes: ByteBuffer, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "max-age=3600"],
            body: ResponseBody(byteBuffer: bytes))
    }
}
