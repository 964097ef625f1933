/// Recognising addresses of pictures in attributes of any name.
enum ImageAddress {
    private static let endings = [".jpg", ".jpeg", ".png", ".webp"].map { Array($0.utf8) }

    static func isMentioned(in value: ArraySlice<UInt8>) -> Bool {
        endOfFirst(in: value) != nil
    }

    /// A list for `srcset`: an address, white space and a number.
    static func isSet(_ value: ArraySlice<UInt8>) -> Bool {
        var rest = value
        while let end = endOfFirst(in: rest) {
            let tail = rest[end...]
            let digits = tail.drop(while: isSpace)
            if digits.startIndex > tail.startIndex, let first = digits.first, UTF8Text.isDigit(first) { return true }
            rest = tail
        }
        return false
    }

    /// One address and nothing else.
    static func isSingle(_ value: ArraySlice<UInt8>) -> Bool {
        let trimmed = value.trimmingSpaces(isSpace)
        guard let end = endOfFirst(in: trimmed) else { return false }
        return end > trimmed.startIndex + 4 && !trimmed.contains(where: isSpace)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func endOfFirst(in value: ArraySlice<UInt8>) -> Int? {
        var index = value.startIndex
        while let dot = value[index...].firstIndex(of: 0x2E) {
            for ending in endings {
                let candidate = value[dot...].prefix(ending.count)
                if candidate.count == ending.count, candidate.elementsEqual(ending, by: { UTF8Text.lowered($0) == $1 })
                {
                    return dot + ending.count
                }
            }
            index = dot + 1
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingSpaces(_ isSpace: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        var slice = self[...]
        while let first = slice.first, isSpace(first) { slice.removeFirst() }
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return slice
    }
}
