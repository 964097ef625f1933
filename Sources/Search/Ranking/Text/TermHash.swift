/// The 32 bits that stand for a term in the forward index and in the statistics.
///
/// FNV-1a over the term's UTF-8, mixed by the finaliser of MurmurHash3. It is stored: changing it
/// means building the index anew. Of a million terms, one in 4,300 shares its hash with another.
enum TermHash {
    static func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in term { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return UInt32(truncatingIfNeeded: hash ^ hash >> 33)
    }
}
