import HTTPSupport
import Testing

@testable import Accounts

@Suite("What a user name, an e-mail address and a password must be")
struct RulesTests {
    @Test(
        "a user name has letters and digits of any script",
        arguments: [
            "ada", "Ada.Lovelace", "a-b_c", "42nd", "Łukasz", "李小龍", "अनुष्का", String(repeating: "a", count: 80),
            "  ada  ",
        ])
    func username(input: String) throws {
        let name = try Username(input)
        #expect(!name.text.hasPrefix(" ") && !name.text.hasSuffix(" "))
    }

    @Test(
        "what nobody could type or tell apart is no user name",
        arguments: [
            "", "ab", "   ", ".ada", "-ada", "_ada", "ada lovelace", "ada@example.org", "ada/../grace", "ada\u{0}",
            "ad\na",
            "ad\u{200B}a", "ad\u{200D}a", "\u{202E}ada", "ada🙂", String(repeating: "a", count: 81),
            "ada" + String(repeating: "\u{301}", count: 90),
        ])
    func noUsername(input: String) {
        #expect(throws: AccountFailure.self) { try Username(input) }
    }

    @Test(
        "case and the way an accent is written make no other name",
        arguments: [
            ("Ada", "aDA"), ("Zo\u{E9}", "zoe\u{301}"), ("ÅSA", "åsa"),
        ])
    func sameName(one: String, other: String) throws {
        #expect(try Username(one).key == Username(other).key)
    }

    @Test(
        "an e-mail address could receive mail",
        arguments: [
            "ada@example.org", "ada+books@mail.example.co.uk", "ADA@EXAMPLE.ORG", "ada@localhost", " ada@example.org\n",
            "o'hara@example.org", "用户@例え.jp",
        ])
    func email(input: String) throws {
        #expect(try EmailAddress(input).text.contains("@"))
    }

    @Test(
        "what could not receive mail is no address",
        arguments: [
            "", "ada", "@example.org", "ada@", "ada@@example.org", "a@b@c", "ada@example..org", "ada@.org", "ada@org.",
            "ada lovelace@example.org", "Ada <ada@example.org>", "ada@example.org,grace@example.org",
            "ada@exa\u{0}mple.org",
            String(repeating: "a", count: 65) + "@example.org", "ada@" + String(repeating: "a.", count: 130) + "org",
        ])
    func noEmail(input: String) {
        #expect(throws: AccountFailure.invalidField("email", "must be an e-mail address")) { try EmailAddress(input) }
    }

    @Test("a password has 8 characters or more, and no more than 1,024 bytes")
    func password() throws {
        #expect(try Password("12345678").text == "12345678")
        #expect(try Password("🙂🙂🙂🙂🙂🙂🙂🙂").text.count == 8)
        #expect(try Password(String(repeating: "x", count: 1024)).text.count == 1024)
        for refused in [
            "", "1234567", "🙂🙂🙂🙂🙂🙂🙂", String(repeating: "x", count: 1025), String(repeating: "é", count: 513),
        ] {
            #expect(throws: AccountFailure.self) { try Password(refused) }
        }
    }

    @Test("each refusal names its field and never the password")
    func fields() {
        let failure = #expect(throws: AccountFailure.self) { try Password("geheim") }
        #expect(failure?.problem.details.keys.sorted() == ["password"])
        #expect(failure?.problem.message.contains("geheim") == false)
    }
}
