import NIOSSL
import TestSupport
import Testing

@testable import Reading

@Suite("Encrypted sites", .timeLimit(.minutes(1)))
struct FetchingSecureSiteTests {
    private func failure(host: String, trusting roots: NIOSSLTrustRoots) async throws -> FetchFailure? {
        try await ScriptedSite.run(certificate: SelfSigned.serverContext()) { _ in
            .page("secret page")
        } while: { site in
            await (try PageFetcher.local(trusting: roots))
                .failure(fetching: site.url("/", host: host, scheme: "https"))
        }
    }

    @Test("a trusted certificate for the name brings the page")
    func trusted() async throws {
        let roots = NIOSSLTrustRoots.certificates([try SelfSigned.certificate()])
        #expect(try await failure(host: "secure.example", trusting: roots) == nil)
    }

    @Test("a certificate nobody vouches for is refused")
    func untrusted() async throws {
        let failure = try await failure(host: "secure.example", trusting: .certificates([]))
        #expect(failure?.kind == .tls)
    }

    @Test("a certificate for another name is refused", arguments: ["other.example", "127.0.0.1"])
    func otherName(_ host: String) async throws {
        let roots = NIOSSLTrustRoots.certificates([try SelfSigned.certificate()])
        let failure = try await failure(host: host, trusting: roots)
        #expect(failure?.kind == .tls)
        #expect(failure?.isFinal == true)
    }

    @Test("a site that speaks no TLS on its port is a TLS failure")
    func plain() async throws {
        try await ScriptedSite.run { _ in
            .page("x")
        } while: { site in
            let fetcher = try PageFetcher.local { $0.timeout = .seconds(1) }
            let failure = await fetcher.failure(fetching: site.url("/", scheme: "https"))
            #expect(failure?.kind == .tls || failure?.kind == .timeout)
        }
    }
}

/// A certificate for `secure.example`, made for these tests and valid nowhere else.
enum SelfSigned {
    static func certificate() throws -> NIOSSLCertificate {
        try NIOSSLCertificate(bytes: [UInt8](certificatePEM.utf8), format: .pem)
    }

    static func serverContext() throws -> NIOSSLContext {
        let key = try NIOSSLPrivateKey(bytes: [UInt8](keyPEM.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate())], privateKey: .privateKey(key)))
    }

    private static let certificatePEM = """
        -----BEGIN CERTIFICATE-----
        MIIBpDCCAUqgAwIBAgIUBOBejnKA7ka3nSijeUZ7bGTiui8wCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwORnV6ZSB0ZXN0IHNpdGUwIBcNMjYxMTIxMTIwMDA4WhgPMjEy
        NjEwMjgxMjAwMDhaMBkxFzAVBgNVBAMMDkZ1emUgdGVzdCBzaXRlMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAE2/ax0iUI7XWnU19+eOivyhlb0o9HpDAAydVAdvu0
        YJA6M61YOaE6CffGegrSHKGH5wyd6IGGpVNKRh7c21EZ7qNuMGwwHQYDVR0OBBYE
        FD4zFNhdDsGmUWrKMZ3xRPiHw/fRMB8GA1UdIwQYMBaAFD4zFNhdDsGmUWrKMZ3x
        RPiHw/fRMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIOc2VjdXJlLmV4YW1w
        bGUwCgYIKoZIzj0EAwIDSAAwRQIhAOjgLLP+p35B/LwUJTMilCEbDNA5OucnU6cA
        dvlHHlBNAiART376MBPKUTO5ZoEeYKWTBUSuB0msKvSDD0Zg7DZ3Dw==
        -----END CERTIFICATE-----
        """

    private static let keyPEM = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8m2laMbtyOBGieGf
        MZ10Eku4yGWS6dtE0nJDbpOpi5OhRANCAATb9rHSJQjtdadTX3546K/KGVvSj0ek
        MADJ1UB2+7RgkDozrVg5oToJ98Z6CtIcoYfnDJ3ogYalU0pGHtzbURnu
        -----END PRIVATE KEY-----
        """
}
