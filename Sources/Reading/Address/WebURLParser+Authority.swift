/// Credentials, host and port, and the special rules of `file:`.
extension WebURLParser {
    /// Everything from the byte after `//`.
    mutating func parseAuthority(_ start: Int) -> Bool {
        openAuthority()
        let end = authorityEnd(from: start)
        var hostStart = start
        if let at = input[start..<end].lastIndex(of: .at) {
            guard at + 1 < end else { return false }
            writeCredentials(input[start..<at])
            hostStart = at + 1
        }
        guard writeHostAndPort(input[hostStart..<end]) else { return false }
        startPath()
        return parsePathQueryAndFragment(end)
    }

    private func authorityEnd(from start: Int) -> Int {
        var index = start
        while index < input.count, !isSlash(input[index]), input[index] != .question, input[index] != .hash {
            index += 1
        }
        return index
    }

    private mutating func openAuthority() {
        output.append(.slash)
        output.append(.slash)
        layout.hasHost = true
        layout.usernameEnd = Int32(output.count)
        layout.hostStart = layout.usernameEnd
    }

    private mutating func writeCredentials(_ credentials: ArraySlice<UInt8>) {
        let start = output.count
        let colon = credentials.firstIndex(of: .colon)
        PercentEncoding.append(
            credentials[..<(colon ?? credentials.endIndex)], encoding: .userinfo, to: &output)
        layout.usernameEnd = Int32(output.count)
        if let colon, colon + 1 < credentials.endIndex {
            output.append(.colon)
            PercentEncoding.append(credentials[(colon + 1)...], encoding: .userinfo, to: &output)
        }
        if output.count > start { output.append(.at) }
        layout.hostStart = Int32(output.count)
    }

    private mutating func writeHostAndPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard let colon = portColon(in: text) else {
            if text.isEmpty {
                layout.hostEnd = Int32(output.count)
                return !scheme.isSpecial
            }
            return writeHost(text)
        }
        guard colon > text.startIndex, writeHost(text[..<colon]) else { return false }
        return writePort(text[(colon + 1)...])
    }

    /// The first colon outside of brackets.
    private func portColon(in text: ArraySlice<UInt8>) -> Int? {
        var isInsideBrackets = false
        for index in text.indices {
            switch text[index] {
            case .openBracket: isInsideBrackets = true
            case .closeBracket: isInsideBrackets = false
            case .colon where !isInsideBrackets: return index
            default: break
            }
        }
        return nil
    }

    private mutating func writeHost(_ text: ArraySlice<UInt8>) -> Bool {
        let isWritten = URLHost.append(text, isSpecial: scheme.isSpecial, to: &output)
        layout.hostEnd = Int32(output.count)
        return isWritten
    }

    private mutating func writePort(_ digits: ArraySlice<UInt8>) -> Bool {
        guard !digits.isEmpty else { return true }
        var port: Int32 = 0
        for byte in digits {
            guard byte.isASCIIDigit else { return false }
            port = port * 10 + Int32(byte - 0x30)
            guard port <= 65535 else { return false }
        }
        if port != scheme.defaultPort {
            layout.port = port
            output.append(.colon)
            output.append(contentsOf: String(port).utf8)
        }
        return true
    }

    /// The file state, from the byte after `file:` or the start of a relative reference.
    mutating func parseFile(_ start: Int) -> Bool {
        guard isSlash(at: start) else {
            guard let base, base.isFile else {
                openFileHost()
                return parsePathQueryAndFragment(start)
            }
            if startsWithDriveLetter(start) {
                copyFromBase(upTo: base.layout.pathStart)
                startPath()
                return parsePathQueryAndFragment(start)
            }
            return resolvePath(start)
        }
        if isSlash(at: start + 1) { return parseFileHost(start + 2) }
        return parseFileFromRoot(start + 1)
    }

    /// The file slash state: a path from the root, which keeps the base's host and drive.
    private mutating func parseFileFromRoot(_ start: Int) -> Bool {
        if let base, base.isFile {
            copyFromBase(upTo: base.layout.pathStart)
            startPath()
            if !startsWithDriveLetter(start), let drive = base.driveLetter {
                output.append(.slash)
                output.append(drive)
                output.append(.colon)
            }
        } else {
            openFileHost()
        }
        return parseQueryAndFragment(parsePath(start))
    }

    private mutating func parseFileHost(_ start: Int) -> Bool {
        let end = authorityEnd(from: start)
        if end - start == 2, isDriveLetter(input[start..<end]) {
            openFileHost()
            return parseQueryAndFragment(parsePath(start))
        }
        openAuthority()
        layout.hostEnd = Int32(output.count)
        if end > start {
            guard writeHost(input[start..<end]) else { return false }
            if output[Int(layout.hostStart)...].elementsEqual("localhost".utf8) {
                output.removeLast("localhost".utf8.count)
                layout.hostEnd = Int32(output.count)
            }
        }
        startPath()
        return parsePathQueryAndFragment(end)
    }

    private mutating func openFileHost() {
        openAuthority()
        layout.hostEnd = Int32(output.count)
        startPath()
    }
}
