/// The words of pages that stand in for what was asked for.
enum NoticeWords {
    // MARK: - Errors

    private static let errors: PhraseSet = [
        "page not found", "not found", "error 404", "404 error", "404 not found", "page cannot be found",
        "page can't be found", "page can’t be found", "page doesn't exist", "page doesn’t exist", "page does not exist",
        "page isn't available", "page isn’t available", "page is not available", "page no longer exists",
        "page unavailable", "content unavailable", "no longer available", "internal server error", "bad gateway",
        "service unavailable", "service temporarily unavailable", "gateway time-out", "gateway timeout",
        "something went wrong", "an error occurred", "site under maintenance", "forbidden", "gone",
        "seite nicht gefunden", "seite wurde nicht gefunden", "nicht gefunden", "page introuvable", "page non trouvée",
        "página no encontrada", "página não encontrada", "pagina non trovata", "pagina niet gevonden",
        "strona nie została znaleziona", "nie znaleziono strony", "sidan hittades inte", "siden blev ikke fundet",
        "sivua ei löytynyt", "страница не найдена", "ページが見つかりません", "お探しのページ", "页面不存在", "页面未找到",
        "找不到页面", "頁面不存在", "페이지를 찾을 수 없습니다", "sayfa bulunamadı", "stránka nenalezena",
    ]
    private static let codes: Set<String> = ["400", "403", "404", "410", "500", "502", "503", "504"]

    /// - Parameter isWhole: Whether the words must make up nearly all of a longer text too.
    static func isError(_ text: String, isWhole: Bool) -> Bool {
        guard !text.isEmpty, text.count < 120 else { return false }
        let words = text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        if let first = words.first, codes.contains(first), words.count <= 8 || isWhole { return words.count <= 12 }
        // A site's name may stand beside the message.
        return errors.occurs(in: text) { bytes, range in bytes.count - range.count <= (isWhole ? 60 : 30) }
    }

    // MARK: - Sign-in

    private static let logins: PhraseSet = [
        "log in", "login", "log-in", "sign in", "signin", "sign-in", "sign up", "create an account", "create account",
        "authentication required", "anmelden", "einloggen", "se connecter", "connexion", "iniciar sesión",
        "inicia sesión",
        "entrar", "accedi", "inloggen", "zaloguj", "logga in", "войти", "вход", "ログイン", "登录", "登入", "로그인", "giriş yap",
    ]

    static func isLogin(_ text: String) -> Bool {
        // Whole words only, near the beginning or the end.
        text.count < 90
            && logins.occurs(in: text) { bytes, range in
                let isWord =
                    (range.lowerBound == 0 || !UTF8Text.isLetter(bytes[range.lowerBound - 1]))
                    && (range.upperBound == bytes.count || !UTF8Text.isLetter(bytes[range.upperBound]))
                return isWord && (range.lowerBound < 30 || bytes.count - range.upperBound < 3)
            }
    }

    // MARK: - Checks for robots

    private static let checkTitles: PhraseSet = [
        "just a moment", "attention required", "access denied", "robot check", "are you a robot", "are you human",
        "human verification", "security check", "verify you are human", "verifying you are human",
        "pardon our interruption",
        "one moment, please", "please wait...", "ddos-guard", "checking your browser", "bot verification", "captcha",
        "access to this page has been denied", "before you continue", "client challenge", "unusual traffic",
        "making sure you're not a bot", "vérification de sécurité", "sicherheitsüberprüfung", "请稍候", "安全验证",
    ]
    private static let checkTexts: PhraseSet = [
        "enable javascript and cookies to continue", "verify you are human", "verify that you are human",
        "verify you're human", "confirm you are human", "verifying you are human",
        "checking your browser before accessing",
        "checking if the site connection is secure", "needs to review the security of your connection",
        "unusual traffic from your computer", "complete the security check", "complete the captcha",
        "access to this page has been denied", "request unsuccessful. incapsula", "you have been blocked",
        "please enable cookies", "automated access", "are you a robot", "i'm not a robot", "i am not a robot",
        "you don't have permission to access", "press & hold to confirm", "making sure you're not a bot",
        "enter the characters you see below", "to discuss automated access", "why do i have to complete a captcha",
        "prove you are human", "prove you're human", "not a robot", "performing security verification",
    ]

    static func isBotCheck(_ signals: PageSignals) -> Bool {
        guard signals.bodyLength <= PageSignals.noticeLength else { return false }
        let isTitled = checkTitles.occurs(in: signals.title) || checkTitles.occurs(in: signals.heading)
        let isSaid = checkTexts.occurs(in: signals.notice)
        let marks = [isTitled, isSaid, signals.hasChallenge || signals.hasCaptcha].count { $0 }
        if marks >= 2 { return signals.hasChallenge || signals.bodyLength < 1_500 }
        return (isTitled || isSaid || signals.hasChallenge) && signals.bodyLength < 600
    }
}
