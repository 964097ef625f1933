/// Players of videos that a reader wants to keep, by the host of their address.
enum VideoEmbeds {
    private static let hosts = [
        "dailymotion.com", "youtube.com", "youtube-nocookie.com", "player.vimeo.com", "v.qq.com",
        "bilibili.com", "live.bilibili.com", "archive.org", "upload.wikimedia.org", "player.twitch.tv",
    ].map { Array($0.utf8) }

    static func isMentioned(in value: ArraySlice<UInt8>) -> Bool {
        guard let slash = value.firstIndex(of: 0x2F) else { return false }
        return value[slash...].indices.contains { index in
            value[index] == 0x2F && isHost(value[index...].dropFirst())
        }
    }

    /// Whether text that follows a slash begins with another one and a known host.
    private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == 0x2F else { return false }
        let host = text.dropFirst().prefix(32).map(UTF8Text.lowered)
        let bare = host.starts(with: "www.".utf8) ? host[4...] : host[...]
        return hosts.contains { bare.starts(with: $0) }
    }
}

extension HTMLDocument {
    func isVideo(_ id: NodeID) -> Bool {
        attributeRange(id).contains { VideoEmbeds.isMentioned(in: valueBytes(attributes[$0])) }
    }
}

extension VideoEmbeds {
    /// The page a person would open, where the player's address tells it.
    static func page(ofPlayer address: String) -> String {
        let path = address.split(separator: "?", maxSplits: 1)[0].split(separator: "/").map(String.init)
        guard path.count >= 4 else { return address }
        switch (path[1], path[2]) {
        case ("www.youtube.com", "embed"), ("www.youtube-nocookie.com", "embed"), ("youtube.com", "embed"):
            return "https://www.youtube.com/watch?v=\(path[3])"
        case ("player.vimeo.com", "video"): return "https://vimeo.com/\(path[3])"
        case ("www.dailymotion.com", "embed") where path.count > 4:
            return "https://www.dailymotion.com/video/\(path[4])"
        default: return address
        }
    }
}
