/// Reading UTF-8 the way the thresholds of content scoring were made: lengths in UTF-16 units,
/// white space as in ECMAScript's `\s`.
enum UTF8Text {
    /// One scalar and the number of bytes it takes. The parser only hands out valid UTF-8.
    @inline(__always)
    static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
        let lead = UInt32(bytes[index])
        if lead < 0x80 { return (lead, 1) }
        let left = bytes.count - index
        if lead < 0xE0, left > 1 { return ((lead & 0x1F) << 6 | tail(bytes[index + 1]), 2) }
        if lead < 0xF0, left > 2 {
            return ((lead & 0x0F) << 12 | tail(bytes[index + 1]) << 6 | tail(bytes[index + 2]), 3)
        }
        guard left > 3 else { return (0xFFFD, 1) }
        let high = (lead & 0x07) << 18 | tail(bytes[index + 1]) << 12
        return (high | tail(bytes[index + 2]) << 6 | tail(bytes[index + 3]), 4)
    }

    @inline(__always)
    private static func tail(_ byte: UInt8) -> UInt32 { UInt32(byte & 0x3F) }

    @inline(__always)
    static func isSpace(_ value: UInt32) -> Bool {
        switch value {
        case 0x09...0x0D, 0x20: true
        case 0..<0xA0: false
        case 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { isSpace(scalar.value) }

    static func hasContent(_ slice: ArraySlice<UInt8>) -> Bool {
        slice.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = scalar(bytes, at: index)
                if !isSpace(value) { return true }
                index += length
            }
            return false
        }
    }

    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Trimmed, with every run of white space made one space.
    static func folded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var pending = false
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = scalar(bytes, at: index)
                if isSpace(value) {
                    pending = !result.isEmpty
                } else {
                    if pending { result.append(0x20) }
                    pending = false
                    result.append(contentsOf: bytes[index..<(index + length)])
                }
                index += length
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The beginning of a text, for values that may be as long as a page.
    static func bounded(_ text: String, to characters: Int) -> String {
        text.utf8.count <= characters ? text : String(text.prefix(characters))
    }

    /// Trimmed, with runs of two or more white spaces made one; a single one stays what it is.
    static func collapsed(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var run = String.UnicodeScalarView()
        for scalar in trimmed(text).unicodeScalars {
            if isSpace(scalar) {
                run.append(scalar)
                continue
            }
            if run.count > 1 { result.append(" ") } else { result.append(contentsOf: run) }
            run = String.UnicodeScalarView()
            result.append(scalar)
        }
        return String(result)
    }

    static func isLetter(_ byte: UInt8) -> Bool { lowered(byte) &- 0x61 < 26 }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5F }

    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
