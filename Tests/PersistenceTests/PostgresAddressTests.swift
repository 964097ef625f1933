import Testing

@testable import Persistence

@Suite("The address of a PostgreSQL")
struct PostgresAddressTests {
    @Test("a replica is waited for less while connecting, unless its address says how long")
    func connecting() throws {
        func timeout(_ url: String) throws -> [String] {
            try PostgresAddress(url).connecting(within: 2).parameters.filter { $0.keyword == "connect_timeout" }
                .map(\.value)
        }
        #expect(try timeout("postgres://db.example/fuze") == ["2"])
        #expect(try timeout("postgres://db.example/fuze?connect_timeout=7") == ["7"])
    }

    @Test("an address keeps its password to itself")
    func password() throws {
        let address = try PostgresAddress("postgres://ada:hunter2@db.example:5433/fuze?sslmode=require")
        #expect("\(address)" == "PostgreSQL fuze at db.example:5433")
        #expect(address.hasPassword)
        #expect(try !PostgresAddress("postgres://ada@db.example/fuze").hasPassword)
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!(dumped + String(reflecting: address)).contains("hunter2"))
        #expect {
            try PostgresAddress("postgres://ada:hunter2@[::1/fuze")
        } throws: { error in
            !"\(error)\(String(reflecting: error))".contains("hunter2")
        }
    }
}
