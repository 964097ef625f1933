import Testing

@testable import Reading

@Suite("Which addresses the fetcher may open")
struct FetchingAddressPolicyTests {
    @Test(
        "public addresses are open",
        arguments: [
            "93.184.215.14", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255",
            "100.128.0.1", "192.0.1.1", "198.17.255.255", "223.255.255.255", "2606:4700::1111",
            "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
        ])
    func publicAddresses(_ literal: String) throws {
        let address = try #require(IPAddress(literal))
        #expect(AddressPolicy().permits(address))
        #expect(AddressPolicy(allowsPrivate: true).permits(address))
    }

    @Test(
        "loopback and private addresses are open only where that is configured",
        arguments: [
            "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1",
            "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "198.18.0.1",
            "198.19.255.255", "::1", "fc00::1", "fd12:3456::1", "::ffff:127.0.0.1",
            "::ffff:10.0.0.1", "64:ff9b::192.168.0.1", "2002:7f00:1::", "2002:a00:1::1",
            "2001:4860::5efe:10.0.0.1",
        ])
    func localAddresses(_ literal: String) throws {
        let address = try #require(IPAddress(literal))
        #expect(!AddressPolicy().permits(address))
        #expect(AddressPolicy(allowsPrivate: true).permits(address))
    }

    @Test(
        "metadata, multicast, reserved and translated addresses are never open",
        arguments: [
            "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "192.0.0.1", "192.0.2.1",
            "192.88.99.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
            "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16", "::",
            "::127.0.0.1", "::8.8.8.8", "fe80::1", "febf::1", "fec0::1", "ff02::1", "2001:db8::1",
            "2001::1", "2001:1ff::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "3fff::1",
            "64:ff9b:1::a00:1", "64:ff9b::169.254.169.254", "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1", "2002:a9fe:a9fe::1", "100::1", "4000::1", "fd00:ec2::254",
        ])
    func closedAddresses(_ literal: String) throws {
        let address = try #require(IPAddress(literal))
        #expect(!AddressPolicy().permits(address))
        #expect(!AddressPolicy(allowsPrivate: true).permits(address))
    }

    @Test(
        "names of the own network are refused before they are looked up",
        arguments: [
            "localhost", "localhost.", "LOCALHOST", "app.localhost", "printer.local",
            "db.internal", "nas", "router.home.arpa", "box.lan", "wiki.corp", "",
        ])
    func localNames(_ name: String) {
        #expect(!AddressPolicy().permits(hostname: name))
    }

    @Test("names of the web are looked up", arguments: ["example.com", "example.com.", "local.example"])
    func publicNames(_ name: String) {
        #expect(AddressPolicy().permits(hostname: name))
    }

    @Test("an intranet may be opened, the metadata service may not")
    func intranet() {
        let policy = AddressPolicy(allowsPrivate: true)
        #expect(policy.permits(hostname: "nas"))
        #expect(policy.permits(hostname: "wiki.internal"))
        #expect(!policy.permits(hostname: "metadata.google.internal"))
        #expect(!policy.permits(hostname: "Metadata.Google.Internal."))
    }

    @Test("ports of other protocols are refused", arguments: [0, 22, 25, 110, 6000, 6667, 10080, 65_536])
    func blockedPorts(_ port: Int) {
        #expect(!AddressPolicy.permits(port: port))
    }

    @Test("ports where web sites live are open", arguments: [80, 443, 3000, 8000, 8080, 8443])
    func webPorts(_ port: Int) {
        #expect(AddressPolicy.permits(port: port))
    }

    @Test("an address is read in either notation, a name is none")
    func literals() {
        #expect(IPAddress("[::1]") == IPAddress("::1"))
        #expect(IPAddress("127.0.0.1") == .v4(0x7f00_0001))
        #expect(IPAddress("example.com") == nil)
        #expect(IPAddress("127.1") == nil)
    }
}
