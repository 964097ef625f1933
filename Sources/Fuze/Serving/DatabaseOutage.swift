import HTTPSupport
import Persistence

extension DatabaseFailure: TemporaryFailure {}
