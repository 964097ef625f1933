/// ASCII letters as the stemmer and the scanner name them.
extension UInt8 {
    static var consonantY: UInt8 { UInt8(ascii: "Y") }
    static var a: UInt8 { UInt8(ascii: "a") }
    static var e: UInt8 { UInt8(ascii: "e") }
    static var i: UInt8 { UInt8(ascii: "i") }
    static var l: UInt8 { UInt8(ascii: "l") }
    static var o: UInt8 { UInt8(ascii: "o") }
    static var s: UInt8 { UInt8(ascii: "s") }
    static var t: UInt8 { UInt8(ascii: "t") }
    static var w: UInt8 { UInt8(ascii: "w") }
    static var x: UInt8 { UInt8(ascii: "x") }
    static var y: UInt8 { UInt8(ascii: "y") }

    var isUppercase: Bool { self &- 0x41 < 26 }
    var isLowercase: Bool { self &- 0x61 < 26 }
    var isDigit: Bool { self &- 0x30 < 10 }
    var isAlphanumeric: Bool { (self | 0x20) &- 0x61 < 26 || isDigit }

    var isVowel: Bool { isOne(of: Self.vowels) }

    /// Whether two of it at the end of a stem become one.
    var isDoubled: Bool { isOne(of: Self.doubled) }

    /// Whether a suffix "li" after it is removed.
    var isValidBeforeLi: Bool { isOne(of: Self.validBeforeLi) }

    // Sets of small letters, a bit each: "a" is bit 1. Computed by the compiler, for speed.
    private static var vowels: UInt32 { bit("a") | bit("e") | bit("i") | bit("o") | bit("u") | bit("y") }
    private static var doubled: UInt32 {
        bit("b") | bit("d") | bit("f") | bit("g") | bit("m") | bit("n") | bit("p") | bit("r") | bit("t")
    }
    private static var validBeforeLi: UInt32 {
        bit("c") | bit("d") | bit("e") | bit("g") | bit("h") | bit("k") | bit("m") | bit("n") | bit("r") | bit("t")
    }

    private static func bit(_ letter: Unicode.Scalar) -> UInt32 { 1 << (letter.value - 96) }

    private func isOne(of letters: UInt32) -> Bool {
        self &- 0x60 < 27 && letters >> UInt32(self &- 0x60) & 1 == 1
    }
}
