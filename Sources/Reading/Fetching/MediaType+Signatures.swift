extension MediaType {
    /// The type that a body's first bytes prove; nil where they prove nothing.
    static func signature(of bytes: [UInt8]) -> String? {
        if let (_, type) = signatures.first(where: { bytes.starts(with: $0.0) }) { return type }
        if bytes.starts(with: Array("RIFF".utf8)) { return riff(bytes.dropFirst(8).prefix(4)) }
        if bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) {
            return isoMedia(brand: bytes.dropFirst(8).prefix(4))
        }
        return nil
    }

    private static let signatures: [([UInt8], String)] = [
        (Array("%PDF-".utf8), "application/pdf"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        ([0xFF, 0xD8, 0xFF], "image/jpeg"),
        (Array("GIF87a".utf8), "image/gif"),
        (Array("GIF89a".utf8), "image/gif"),
        ([0x00, 0x00, 0x01, 0x00], "image/x-icon"),
        ([0x49, 0x49, 0x2A, 0x00], "image/tiff"),
        ([0x4D, 0x4D, 0x00, 0x2A], "image/tiff"),
        ([0x50, 0x4B, 0x03, 0x04], "application/zip"),
        ([0x1F, 0x8B, 0x08], "application/gzip"),
        ([0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        (Array("Rar!\u{1A}\u{07}".utf8), "application/vnd.rar"),
        (Array("OggS\0".utf8), "application/ogg"),
        ([0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
        (Array("ID3".utf8), "audio/mpeg"),
        (Array("fLaC".utf8), "audio/flac"),
        (Array("wOFF".utf8), "font/woff"),
        (Array("wOF2".utf8), "font/woff2"),
        ([0x7F, 0x45, 0x4C, 0x46], "application/x-executable"),
    ]

    private static func riff(_ form: ArraySlice<UInt8>) -> String? {
        switch String(decoding: form, as: UTF8.self) {
        case "WEBP": "image/webp"
        case "WAVE": "audio/wave"
        case "AVI ": "video/avi"
        default: nil
        }
    }

    private static func isoMedia(brand: ArraySlice<UInt8>) -> String {
        switch String(decoding: brand, as: UTF8.self) {
        case "avif", "avis": "image/avif"
        case "heic", "heix", "mif1": "image/heic"
        case "M4A ": "audio/mp4"
        default: "video/mp4"
        }
    }
}
