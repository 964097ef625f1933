/// The character references that exports contain: numeric ones, and the names of HTML 4 that stand
/// for punctuation and Latin letters.
enum HTMLEntities {
    /// Names without a semicolon are left alone: they are parameters of addresses (`&copy=1`).
    static func resolved(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var output = ""
        var rest = text[...]
        while let ampersand = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
            output += rest[..<ampersand]
            let window = rest[ampersand...].utf8.prefix(12)
            if let semicolon = window.firstIndex(of: UInt8(ascii: ";")),
                let character = character(for: rest[rest.utf8.index(after: ampersand)..<semicolon])
            {
                output.unicodeScalars.append(character)
                rest = rest[rest.utf8.index(after: semicolon)...]
            } else {
                output += "&"
                rest = rest[rest.utf8.index(after: ampersand)...]
            }
        }
        return output + rest
    }

    private static func character(for reference: Substring) -> Unicode.Scalar? {
        guard reference.utf8.first == UInt8(ascii: "#") else { return named[String(reference)] }
        let digits = reference.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        guard let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits), code > 0 else {
            return nil
        }
        return windows1252[code] ?? Unicode.Scalar(code)
    }

    private static let named: [String: Unicode.Scalar] = {
        var named: [String: Unicode.Scalar] = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "ndash": "–", "mdash": "—", "lsquo": "‘",
            "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„", "hellip": "…", "bull": "•",
            "euro": "€",
            "trade": "™", "lsaquo": "‹", "rsaquo": "›", "dagger": "†", "permil": "‰", "minus": "−", "larr": "←",
            "rarr": "→", "zwnj": "\u{200C}", "zwj": "\u{200D}", "thinsp": "\u{2009}", "ensp": "\u{2002}",
            "emsp": "\u{2003}",
            "OElig": "Œ", "oelig": "œ", "Scaron": "Š", "scaron": "š", "Yuml": "Ÿ", "fnof": "ƒ",
        ]
        for (offset, name) in latin1.split(separator: " ").enumerated() {
            named[String(name)] = Unicode.Scalar(UInt8(160 + offset))
        }
        return named
    }()

    /// From U+00A0 to U+00FF.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
        micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
        Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash \
        Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute \
        ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
        uuml yacute thorn yuml
        """

    /// Numbers of the C1 controls mean the characters of Windows-1252, as the HTML standard says.
    private static let windows1252: [UInt32: Unicode.Scalar] = [
        0x80: "€", 0x82: "‚", 0x83: "ƒ", 0x84: "„", 0x85: "…", 0x86: "†", 0x87: "‡", 0x88: "ˆ", 0x89: "‰", 0x8A: "Š",
        0x8B: "‹", 0x8C: "Œ", 0x8E: "Ž", 0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x95: "•", 0x96: "–", 0x97: "—",
        0x98: "˜", 0x99: "™", 0x9A: "š", 0x9B: "›", 0x9C: "œ", 0x9E: "ž", 0x9F: "Ÿ",
    ]
}
