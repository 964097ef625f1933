/// Path, query and fragment.
extension WebURLParser {
    mutating func startPath() { layout.pathStart = Int32(output.count) }

    /// The path start state: the slash in front is optional and, for special schemes, supplied.
    mutating func parsePathQueryAndFragment(_ start: Int) -> Bool {
        if isSlash(at: start) { return parseQueryAndFragment(parsePath(start + 1)) }
        if scheme.isSpecial { return parseQueryAndFragment(parsePath(start)) }
        switch byte(at: start) {
        case nil, .question, .hash: return parseQueryAndFragment(start)
        default: return parseQueryAndFragment(parsePath(start))
        }
    }

    /// The path state: writes the segments from `start`, which is behind the leading slash.
    /// - Returns: the index of `?`, `#` or the end.
    mutating func parsePath(_ start: Int) -> Int {
        var segmentStart = start
        while true {
            var end = segmentStart
            while end < input.count, !isSlash(input[end]), input[end] != .question, input[end] != .hash {
                end += 1
            }
            let isLast = end == input.count || !isSlash(input[end])
            writeSegment(input[segmentStart..<end], isLast: isLast)
            if isLast { return end }
            segmentStart = end + 1
        }
    }

    private mutating func writeSegment(_ segment: ArraySlice<UInt8>, isLast: Bool) {
        switch dotCount(segment) {
        case 2:
            shortenPath()
            if isLast { output.append(.slash) }
        case 1:
            if isLast { output.append(.slash) }
        default:
            let isFirst = output.count == Int(layout.pathStart)
            output.append(.slash)
            if scheme == .file, isFirst, segment.count == 2, isDriveLetter(segment) {
                output.append(segment[segment.startIndex])
                output.append(.colon)
            } else {
                PercentEncoding.append(segment, encoding: .path, to: &output)
            }
        }
    }

    /// How many dots a segment consists of, written as `.` or `%2e`; 0 where it is no dot segment.
    private func dotCount(_ segment: ArraySlice<UInt8>) -> Int {
        guard let first = segment.first, first == .dot || first == .percent, segment.count <= 6 else { return 0 }
        var count = 0
        var index = segment.startIndex
        while index < segment.endIndex {
            if segment[index] == .dot {
                index += 1
            } else if index + 3 <= segment.endIndex, segment[index] == .percent,
                segment[index + 1] == UInt8(ascii: "2"), segment[index + 2] | 0x20 == UInt8(ascii: "e")
            {
                index += 3
            } else {
                return 0
            }
            count += 1
        }
        return count <= 2 ? count : 0
    }

    /// Takes the last segment away, except a drive letter that stands alone in a file address.
    mutating func shortenPath() {
        let start = Int(layout.pathStart)
        let path = output[start...]
        if scheme == .file, path.count == 3, path[start + 1].isASCIILetter, path[start + 2] == .colon { return }
        if let slash = path.lastIndex(of: .slash) { output.removeLast(output.count - slash) }
    }

    /// Writes what is left from `start`, the index of `?`, `#` or the end.
    mutating func parseQueryAndFragment(_ start: Int) -> Bool {
        var index = start
        if byte(at: index) == .question {
            layout.queryStart = Int32(output.count)
            output.append(.question)
            let end = input[index...].firstIndex(of: .hash) ?? input.count
            PercentEncoding.append(
                input[(index + 1)..<end], encoding: scheme.isSpecial ? .specialQuery : .query, to: &output)
            index = end
        }
        if byte(at: index) == .hash {
            layout.fragmentStart = Int32(output.count)
            output.append(.hash)
            PercentEncoding.append(input[(index + 1)...], encoding: .fragment, to: &output)
        }
        return true
    }

    /// A path without structure. A space in front of a query or fragment is encoded, as it would
    /// vanish when those are taken away.
    mutating func parseOpaquePath(_ start: Int) -> Bool {
        startPath()
        layout.hasOpaquePath = true
        let end = input[start...].firstIndex { $0 == .question || $0 == .hash } ?? input.count
        let endsWithSpace = end < input.count && end > start && input[end - 1] == .space
        PercentEncoding.append(input[start..<(endsWithSpace ? end - 1 : end)], encoding: .c0Control, to: &output)
        if endsWithSpace { PercentEncoding.append(.space, to: &output) }
        return parseQueryAndFragment(end)
    }

    /// Keeps a path that starts with `//` from being read as an authority where there is no host.
    mutating func separatePathFromAuthority() {
        let start = Int(layout.pathStart)
        guard !layout.hasHost, !layout.hasOpaquePath, output.count > start + 1,
            output[start] == .slash, output[start + 1] == .slash
        else { return }
        output.insert(contentsOf: "/.".utf8, at: start)
        layout.pathStart += 2
        if layout.queryStart >= 0 { layout.queryStart += 2 }
        if layout.fragmentStart >= 0 { layout.fragmentStart += 2 }
    }
}

// MARK: - The base and drive letters

extension WebURLParser {
    /// Copies what follows the scheme in the base up to `end`, an offset of its layout.
    mutating func copyFromBase(upTo end: Int32) {
        guard let base else { return }
        let scheme = layout.schemeEnd
        layout = base.layout
        layout.schemeEnd = scheme
        let bytes = base.href.utf8
        if !base.layout.hasHost {
            // The "/." that separates path from scheme is decided anew.
            output.append(contentsOf: bytes.prefix(Int(end)).dropFirst(Int(base.layout.pathStart)))
            let dropped = base.layout.pathStart - (scheme + 1)
            layout.pathStart -= dropped
            layout.queryStart -= dropped
        } else {
            output.append(contentsOf: bytes.prefix(Int(end)).dropFirst(Int(scheme) + 1))
        }
        layout.fragmentStart = -1
        if end <= base.pathEnd { layout.queryStart = -1 }
        if base.layout.queryStart < 0 { layout.queryStart = -1 }
    }

    func isDriveLetter(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, first.isASCIILetter, let second = text.dropFirst().first else { return false }
        return second == .colon || second == .pipe
    }

    func startsWithDriveLetter(_ start: Int) -> Bool {
        guard start + 2 <= input.count, isDriveLetter(input[start..<(start + 2)]) else { return false }
        switch byte(at: start + 2) {
        case nil, .slash, .backslash, .question, .hash: return true
        default: return false
        }
    }
}

extension WebURL {
    var isFile: Bool { href.utf8.starts(with: "file:".utf8) }

    /// The drive of a file address such as `file:///C:/boot.ini`.
    var driveLetter: UInt8? {
        let path = Array(slice(layout.pathStart, pathEnd).utf8.prefix(4))
        guard path.count >= 3, path[1].isASCIILetter, path[2] == .colon, path.count == 3 || path[3] == .slash
        else { return nil }
        return path[1]
    }
}
