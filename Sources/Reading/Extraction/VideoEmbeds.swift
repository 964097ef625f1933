/// Players of videos that a reader wants to keep, by the host of their address.
enum VideoEmbeds {
    private static let hosts = [
        "dailymotion.com", "youtube.com", "youtube-nocookie.com", "player.vimeo.com", "v.qq.com",
        "bilibili.com", "live.bilibili.com", "archive.org", "upload.wikimedia.org", "player.twitch.tv",
    ].flatMap { ["//" + $0, "//www." + $0] }

    static func isMentioned(in value: String) -> Bool {
        let lowered = value.lowercased()
        return lowered.contains("//") && hosts.contains { lowered.contains($0) }
    }
}

extension HTMLDocument {
    func isVideo(_ id: NodeID) -> Bool {
        attributeRange(id).contains { VideoEmbeds.isMentioned(in: value(attributes[$0])) }
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
