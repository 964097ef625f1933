import FoundationInternationalization
import _FoundationICU

/// Domain to ASCII (https://url.spec.whatwg.org/#concept-domain-to-ascii): UTS #46,
/// non-transitional, with joiner and bidirectional checks and without those of hyphens, STD3 and
/// DNS lengths.
///
/// The ICU inside Swift's Foundation does the work, as ICU does in browsers: it is of the current
/// Unicode version and reports each broken rule on its own, so that the rules which the standard
/// waives can be waived here. (libidn2 mixes them into one error and waives none of them.)
enum DomainName {
    /// Decoded domains longer than this are refused: real ones end at 255 bytes, and Punycode
    /// takes quadratic time.
    static let maximumLength = 4096

    /// The lower-case ASCII form of a percent-decoded domain, or nil where it has none.
    static func ascii(_ domain: [UInt8]) -> [UInt8]? {
        guard domain.count <= maximumLength else { return nil }
        if !domain.contains(where: { $0 > 127 }), !hasPunycodeLabel(domain) {
            return domain.map(\.lowercasedASCII)
        }
        return unicodeToASCII(String(decoding: domain, as: UTF8.self))
    }

    private static func hasPunycodeLabel(_ domain: [UInt8]) -> Bool {
        domain.split(separator: .dot).contains { label in
            label.prefix(4).map(\.lowercasedASCII).elementsEqual("xn--".utf8)
        }
    }

    private static func unicodeToASCII(_ domain: String) -> [UInt8]? {
        guard let processor = uts46.pointer else { return nil }
        var domain = domain
        return domain.withUTF8 { text in
            text.withMemoryRebound(to: CChar.self) { source in
                var capacity = 4 * source.count + 64
                for _ in 0..<2 {
                    var (info, status) = (freshInfo(), U_ZERO_ERROR)
                    var output = [CChar](repeating: 0, count: capacity)
                    let length = swift_uidna_nameToASCII_UTF8(
                        processor, source.baseAddress, Int32(source.count),
                        &output, Int32(capacity), &info, &status)
                    if status == U_BUFFER_OVERFLOW_ERROR {
                        capacity = Int(length) + 1
                        continue
                    }
                    guard status.rawValue <= U_ZERO_ERROR.rawValue, info.errors & ~waived == 0 else { return nil }
                    return output.prefix(Int(length)).map { UInt8(bitPattern: $0) }
                }
                return nil
            }
        }
    }

    private static let waived = UInt32(
        UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG
            | UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4)

    private static func freshInfo() -> UIDNAInfo {
        var info = UIDNAInfo()
        info.size = Int16(MemoryLayout<UIDNAInfo>.size)
        return info
    }

    /// `@unchecked Sendable`: ICU documents the opened instance as immutable and safe to share.
    private struct Processor: @unchecked Sendable {
        let pointer: OpaquePointer?
    }

    private static let uts46: Processor = {
        var status = U_ZERO_ERROR
        let options =
            UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ
            | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE
        return Processor(pointer: swift_uidna_openUTS46(UInt32(options), &status))
    }()
}
