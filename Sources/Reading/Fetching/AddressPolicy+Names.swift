extension AddressPolicy {
    /// Whether a host name may be looked up at all; what it resolves to is checked again.
    public func permits(hostname: String) -> Bool {
        let name = Self.withoutTrailingDot(hostname.lowercased())
        if name.isEmpty || Self.metadataNames.contains(name) { return false }
        if allowsPrivate { return true }
        if !name.contains(".") { return false }
        return !Self.localSuffixes.contains { name.hasSuffix($0) }
    }

    /// Whether a port may carry web pages. Source: the Fetch standard's "bad ports", so that no
    /// link can speak to a mail, print or database protocol that takes HTTP for its own.
    public static func permits(port: Int) -> Bool {
        (1...65_535).contains(port) && !blockedPorts.contains(port)
    }

    private static func withoutTrailingDot(_ name: String) -> String {
        name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    private static let metadataNames: Set<String> = [
        "metadata.google.internal", "metadata.goog", "instance-data.ec2.internal",
    ]

    /// RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa), ICANN's `.internal`, and the
    /// names home routers and companies use though nobody reserved them.
    private static let localSuffixes = [
        ".localhost", ".local", ".internal", ".home.arpa", ".localdomain", ".lan", ".intranet",
        ".corp", ".home", ".private",
    ]

    private static let blockedPorts: Set<Int> = [
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
        102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389,
        427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636,
        989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ]
}
