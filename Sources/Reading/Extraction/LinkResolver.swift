/// Makes the addresses in a page absolute and lets through only those that are safe to follow.
struct LinkResolver: Sendable {
    let base: WebURL?

    /// Links may also open a mail program or a telephone.
    func link(_ address: String) -> String? {
        guard let url = WebURL(address, base: base) else { return nil }
        if url.isWeb { return url.href }
        let isHarmless = ["mailto:", "tel:"].contains { url.href.hasPrefix($0) }
        return isHarmless ? url.href : nil
    }

    /// Addresses that a page loads from by itself.
    func resource(_ address: String) -> String? {
        guard let url = WebURL(address, base: base), url.isWeb else { return nil }
        return url.href
    }

    func image(_ address: String) -> String? {
        if let inline = InlineImage.safe(address) { return inline }
        return resource(address)
    }

    /// Each address of a `srcset` with its descriptor; those that cannot be used are left out.
    func imageSet(_ list: String) -> String? {
        let candidates = ImageSet.candidates(list).compactMap { address, descriptor in
            resource(address).map { href in
                // A comma at an end would join this candidate to the next.
                let escaped = href.replacing(",", with: "%2C")
                return descriptor.isEmpty ? escaped : "\(escaped) \(descriptor)"
            }
        }
        return candidates.isEmpty ? nil : candidates.joined(separator: ", ")
    }
}

/// Pictures inside an address: raster images of moderate size only, because SVG can carry scripts.
enum InlineImage {
    static let longest = 64 << 10

    static func safe(_ address: String) -> String? {
        let text = UTF8Text.trimmed(address)
        guard text.utf8.count <= longest, text.prefix(5).lowercased() == "data:" else { return nil }
        let parts = text.split(separator: ",", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let header = parts[0].lowercased().replacing(" ", with: "")
        let kinds = ["png", "gif", "jpeg", "webp", "avif"]
        guard kinds.contains(where: { header == "data:image/\($0);base64" }) else { return nil }
        let isBase64 = parts[1].utf8.allSatisfy { byte in
            UTF8Text.isLetter(byte) || UTF8Text.isDigit(byte) || "+/=".utf8.contains(byte)
        }
        return isBase64 ? "\(header),\(parts[1])" : nil
    }
}

/// The grammar of the `srcset` attribute.
enum ImageSet {
    static func candidates(_ list: String) -> [(address: String, descriptor: String)] {
        var found: [(String, String)] = []
        var rest = list[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "," }
            guard !rest.isEmpty else { return found }
            var address = rest.prefix { !$0.isWhitespace }
            rest = rest[address.endIndex...]
            if address.last == "," {
                while address.last == "," { address.removeLast() }
                found.append((String(address), ""))
                continue
            }
            let descriptor = rest.prefix { $0 != "," }
            rest = rest[descriptor.endIndex...]
            let isPlain = descriptor.allSatisfy {
                $0.isWhitespace || $0.isASCII && ($0.isNumber || "wxh.".contains($0))
            }
            found.append((String(address), isPlain ? UTF8Text.trimmed(String(descriptor)) : ""))
        }
    }
}
