import NIOCore

/// The two hot loops of ``JSONWriter``: escaped strings and decimal integers, without an intermediate string.
extension ByteBuffer {
    mutating func writeJSONString(_ bytes: UnsafeRawBufferPointer) {
        let extra = Self.escapeLength(of: bytes)
        writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + extra + 2) { target in
            target[0] = UInt8(ascii: "\"")
            if extra == 0 {
                UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyMemory(from: bytes)
            } else {
                Self.escape(bytes, into: UnsafeMutableRawBufferPointer(rebasing: target[1...]))
            }
            target[1 + bytes.count + extra] = UInt8(ascii: "\"")
            return bytes.count + extra + 2
        }
    }

    mutating func writeJSONName(_ name: StaticString, afterComma needsComma: Bool) {
        let length = name.utf8CodeUnitCount
        writeWithUnsafeMutableBytes(minimumWritableBytes: length + 4) { target in
            var position = 0
            if needsComma {
                target[0] = UInt8(ascii: ",")
                position = 1
            }
            target[position] = UInt8(ascii: "\"")
            let text = UnsafeRawBufferPointer(start: name.utf8Start, count: length)
            UnsafeMutableRawBufferPointer(rebasing: target[(position + 1)...]).copyMemory(from: text)
            target[position + length + 1] = UInt8(ascii: "\"")
            target[position + length + 2] = UInt8(ascii: ":")
            return position + length + 3
        }
    }

    mutating func writeDecimal(_ number: Int64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { target in
            var rest = number.magnitude
            var start = 20
            repeat {
                start -= 1
                target[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            if number < 0 {
                start -= 1
                target[start] = UInt8(ascii: "-")
            }
            let digits = UnsafeRawBufferPointer(rebasing: target[start..<20])
            target.copyMemory(from: digits)
            return digits.count
        }
    }

    private static func escapeLength(of bytes: UnsafeRawBufferPointer) -> Int {
        // Without a branch, so that the usual text without escapes is passed over many bytes at a time.
        var special: UInt8 = 0
        for byte in bytes {
            special |=
                (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
        }
        return special == 0 ? 0 : bytes.reduce(into: 0) { $0 += escapeLength($1) }
    }

    /// Bytes that escaping adds: 5 for `\u001f`, 1 for `\n` or `\"`, else none.
    @inline(__always)
    private static func escapeLength(_ byte: UInt8) -> Int {
        if byte < 0x20 { return shortEscape(byte) == nil ? 5 : 1 }
        return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        default: nil
        }
    }

    private static func escape(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        var position = 0
        func put(_ byte: UInt8) {
            target[position] = byte
            position += 1
        }
        for byte in bytes {
            if escapeLength(byte) == 0 {
                put(byte)
            } else if let letter = shortEscape(byte) {
                put(UInt8(ascii: "\\"))
                put(letter)
            } else {
                for character in "\\u00".utf8 { put(character) }
                put(hexadecimal(byte >> 4))
                put(hexadecimal(byte & 15))
            }
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
