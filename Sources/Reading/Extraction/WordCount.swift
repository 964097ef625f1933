/// Words as a reader counts them: runs of letters and digits, and each character of scripts that
/// write without spaces.
enum WordCount {
    static func words(in text: String) -> Int {
        var count = 0
        var isInWord = false
        for scalar in text.unicodeScalars {
            if isIdeographic(scalar.value) {
                count += 1
                isInWord = false
            } else if isWordPart(scalar) {
                if !isInWord { count += 1 }
                isInWord = true
            } else if !isJoiner(scalar.value) {
                isInWord = false
            }
        }
        return count
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value &- 0x30 < 10 || (scalar.value | 0x20) &- 0x61 < 26 }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Apostrophes and hyphens do not end a word.
    private static func isJoiner(_ value: UInt32) -> Bool { value == 0x27 || value == 0x2019 || value == 0x2D }

    private static func isIdeographic(_ value: UInt32) -> Bool {
        switch value {
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
