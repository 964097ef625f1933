import FoundationEssentials
import NIOCore
import Testing

@testable import HTTPSupport

@Suite("Hand-written JSON")
struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter(capacity: 0)
        write(&json)
        return String(buffer: json.buffer)
    }

    @Test("objects, arrays and every kind of value")
    func structure() {
        let text = written { json in
            json.object { json in
                json.member("id", 7)
                json.member("title", "a \"b\"")
                json.member("score", 0.25)
                json.member("ready", true)
                json.member("at", Date(timeIntervalSince1970: 0))
                json.member("tags", ["x", "y"])
                json.member("none", String?.none)
                json.name("nested")
                json.array { json in
                    json.object { _ in }
                    json.array { _ in }
                    json.null()
                    json.raw("{\"stored\":1}")
                }
                json.name(escaping: "a\nb")
                json.value(["z": [.double(1.5), .null, true], "y": "text"])
            }
        }
        #expect(
            text
                == #"{"id":7,"title":"a \"b\"","score":0.25,"ready":true,"at":"1970-01-01T00:00:00.000000Z","tags":["x","y"],"none":null,"nested":[{},[],null,{"stored":1}],"a\nb":{"y":"text","z":[1.5,null,true]}}"#
        )
    }

    @Test("absent values of every kind are null")
    func absent() {
        let text = written { json in
            json.object { json in
                json.member("a", Int?.none)
                json.member("b", Double?.none)
                json.member("c", Bool?.none)
                json.member("d", Date?.none)
            }
        }
        #expect(text == #"{"a":null,"b":null,"c":null,"d":null}"#)
    }

    @Test(
        "numbers at their limits",
        arguments: [
            (Int64.min, "-9223372036854775808"), (.max, "9223372036854775807"), (0, "0"), (-1, "-1"), (10, "10"),
        ])
    func integers(number: Int64, text: String) {
        #expect(written { $0.integer(number) } == text)
    }

    @Test("numbers that JSON cannot say are null, all others come back the same")
    func doubles() throws {
        #expect(written { $0.double(.nan) } == "null")
        #expect(written { $0.double(-.infinity) } == "null")
        for number in [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 123_456_789.123, 1e21, .greatestFiniteMagnitude] {
            let back = try JSON.decode(Double.self, from: ByteBuffer(string: written { $0.double(number) }))
            #expect(back == number)
        }
    }

    @Test("any text comes back as it was")
    func fuzzedStrings() throws {
        var random = SplitMix(state: 42)
        let alphabet: [Unicode.Scalar] =
            (0..<0x30).map { Unicode.Scalar($0)! } + [
                "\"", "\\", "/", "\u{7F}", "é", "\u{2028}", "\u{2029}", "漢", "😀", "\u{FFFF}", "\u{10FFFF}",
            ]
        for length in 0..<2000 {
            var text = ""
            for _ in 0..<(length % 64) { text.unicodeScalars.append(alphabet.randomElement(using: &random)!) }
            let json = written { $0.array { $0.string(text) } }
            let back = try JSONDecoder().decode([String].self, from: Data(json.utf8))
            #expect(back == [text])
            #expect(try JSON.decode([String].self, from: ByteBuffer(string: json)) == [text])
        }
    }

    @Test("substrings and long texts are written whole")
    func longText() throws {
        let text = String(repeating: "plain text, ", count: 10_000)
        #expect(written { $0.string(text.dropFirst(3)) } == "\"\(text.dropFirst(3))\"")
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
