/// Which Fuze this is.
enum FuzeVersion {
    static let current = "0.1.0"
}
