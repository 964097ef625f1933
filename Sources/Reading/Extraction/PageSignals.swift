/// Facts of a page that tell what kind it is.
struct PageSignals {
    var title = ""
    var heading = ""
    /// Lowercased text of the page where it is short enough to be a mere notice.
    var notice = ""
    var bodyLength = 0
    var bodyLinkDensity = 0.0
    /// Types from JSON-LD and microdata, such as `Product`.
    var types: Set<String> = []
    var itemTypeCounts: [String: Int] = [:]
    var openGraphType = ""
    var generator = ""
    var hasPrice = false
    var host = ""
    var path = "/"
    var passwordFields = 0
    var textFields = 0
    /// Loads a service that shows captchas; many pages do so for their forms.
    var hasCaptcha = false
    /// Loads what only a check of the visitor needs.
    var hasChallenge = false
    /// Elements named like the contributions of a conversation.
    var posts = 0
    var articles = 0
    var players = 0
    var buysDirectly = false

    /// Pages with more text than this say more than a notice does.
    static let noticeLength = 2_000
}

extension PageSignals {
    /// - Parameters:
    ///   - source: The page with its scripts, whose addresses give checks for robots away.
    ///   - page: The same page prepared for reading, its body measured.
    init(source: HTMLDocument, page: HTMLDocument, linkedData: LinkedData, tags: MetaTags, url: WebURL?) {
        types = linkedData.types
        openGraphType = tags.firstNamed(["og:type"])?.lowercased() ?? ""
        generator = tags.firstNamed(["generator", "application-name"])?.lowercased() ?? ""
        hasPrice = tags.firstNamed(["product:price:amount", "og:price:amount", "price"]) != nil
        host = url?.hostname ?? ""
        path = url?.path.lowercased() ?? "/"
        readText(of: page)
        readElements(of: page)
        readScripts(of: source)
    }

    private mutating func readText(of page: HTMLDocument) {
        let titleElement = page.firstDescendant(of: HTMLDocument.root, [.title])
        title = titleElement.map(page.foldedText)?.lowercased() ?? ""
        guard let body = page.body else { return }
        heading = page.firstDescendant(of: body, [.h1, .h2]).map(page.foldedText)?.lowercased() ?? ""
        let measure = page.measure(ofMeasured: body)
        bodyLength = measure.length
        bodyLinkDensity = measure.linkDensity
        if bodyLength <= Self.noticeLength { notice = page.foldedText(body).lowercased() }
    }

    private mutating func readElements(of page: HTMLDocument) {
        let root = HTMLDocument.root
        var next = page.followingElement(root, within: root)
        // A post's parts are no posts of their own.
        var endOfPost: NodeID?
        var isInPost = false
        while let node = next {
            if node == endOfPost { isInPost = false }
            read(node, in: page)
            if !isInPost, page[node].traits.contains(.post), Self.postTags.contains(page.tag(node)) {
                posts += 1
                isInPost = true
                endOfPost = page.followingElement(node, within: root, skippingChildren: true)
            }
            next = page.followingElement(node, within: root)
        }
    }

    private mutating func read(_ node: NodeID, in page: HTMLDocument) {
        switch page.tag(node) {
        case .article: articles += 1
        case .video, .audio: players += 1
        case .iframe where page.isVideo(node): players += 1
        case .input:
            let type = page.attribute(.type, node)?.lowercased() ?? "text"
            if type == "password" { passwordFields += 1 }
            if ["text", "email", "tel"].contains(type) { textFields += 1 }
            if type == "submit", Self.isPurchase(page.attribute(.value, node)) { buysDirectly = true }
        case .button where page.measure(ofMeasured: node).length < 40:
            if Self.isPurchase(page.foldedText(node)) { buysDirectly = true }
        default: break
        }
        guard let itemType = page.attribute(.itemtype, node), let name = itemType.split(separator: "/").last else {
            return
        }
        types.insert(String(name))
        itemTypeCounts[String(name), default: 0] += 1
    }

    private static let postTags: TagSet = [.div, .li, .article, .tr, .table, .section, .unknown]

    private static let purchases: PhraseSet = [
        "add to cart", "add to basket", "add to bag", "in den warenkorb", "ajouter au panier", "añadir al carrito",
        "agregar al carrito", "aggiungi al carrello", "adicionar ao carrinho", "in winkelwagen", "dodaj do koszyka",
        "カートに入れる", "加入购物车", "в корзину",
    ]

    private static func isPurchase(_ label: String?) -> Bool {
        guard let label, label.utf8.count < 60 else { return false }
        return purchases.occurs(in: label.lowercased())
    }

    private static let challengeSources: PhraseSet = [
        "captcha-delivery.com", "_incapsula_resource", "/_sec/cp_challenge", "px-captcha", "awswaf.com", "ddos-guard",
    ]
    private static let captchaSources: PhraseSet = [
        "/cdn-cgi/challenge-platform/", "/recaptcha/", "hcaptcha.com", "challenges.cloudflare.com",
    ]

    private mutating func readScripts(of source: HTMLDocument) {
        guard bodyLength <= Self.noticeLength else { return }
        for script in source.descendants(of: HTMLDocument.root, [.script, .iframe, .link]) {
            guard let address = (source.filled(.src, script) ?? source.filled(.href, script))?.lowercased() else {
                continue
            }
            if Self.challengeSources.occurs(in: address) { hasChallenge = true }
            if Self.captchaSources.occurs(in: address) { hasCaptcha = true }
        }
    }
}
